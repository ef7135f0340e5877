"""Sends what code with hard-coded hosts asks of the vendors into an emulator, for as long as a block lasts."""

from emulator.interception.block import Interception, intercept
from emulator.interception.escapes import EscapedCall

__all__ = ["EscapedCall", "Interception", "intercept"]
