"""Ways to run an emulator for as long as a test suite, or a block of code, lasts."""
