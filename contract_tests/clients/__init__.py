"""Published client libraries, which drive a running emulator; what their users see is checked, their bugs included."""
