"""What is true on the phone and on the server: types and rules, without any framework."""
