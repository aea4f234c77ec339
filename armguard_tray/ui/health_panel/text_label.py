"""A label for text that others may have written: plain, wrapped wherever it must be, shortened."""

from armguard_tray.ui.health_panel.ladder_rows import breakable, shortened
from armguard_tray.ui.tone_label import Tone, ToneLabel
from armguard_tray.ui.wording import plain_tooltip


class TextLabel(ToneLabel):
    """Says a text of any length; the whole of a long one is in the tooltip, and what is spoken."""

    def show_text(self, text: str, tone: Tone = Tone.PLAIN, spoken: str = "") -> None:
        """Show `text`; `spoken` is what a screen reader says instead."""
        shown = shortened(text)
        self.say(breakable(shown), tone)
        self.setToolTip(plain_tooltip(text) if shown != text else "")
        self.setAccessibleName(spoken or text)
