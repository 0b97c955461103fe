"""Cash and cheques in hand, hand-overs and deposits."""
