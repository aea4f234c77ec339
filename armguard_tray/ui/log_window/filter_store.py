"""Where filters are remembered: beside the looks of the windows."""

from PySide6.QtCore import QSettings

from armguard_tray.errors import FilterError, UserError
from armguard_tray.filtering.saved import SavedFilters, from_text, to_text
from armguard_tray.filtering.wanted import EVERYTHING, Wanted

_KEY_LAST = "log_window/filter"
_KEY_SAVED = "log_window/saved_filters"
_KEY_DAMAGED = "log_window/saved_filters_damaged"


class FilterStore:
    """Keeps the filter that was last in force, and those that were saved under a name."""

    def __init__(self, store: QSettings) -> None:
        """Keep them in `store`."""
        self._store = store

    @property
    def last(self) -> Wanted:
        """The filter that was in force when the program ended; everything, if none was kept.

        Raises:
            FilterError: this version does not understand it.

        """
        text = self._text(_KEY_LAST)
        return from_text(text) if text else EVERYTHING

    def keep_last(self, wanted: Wanted) -> None:
        """Keep the filter that is in force."""
        self._store.setValue(_KEY_LAST, to_text(wanted))

    @property
    def saved(self) -> SavedFilters:
        """The filters that were saved under a name.

        Raises:
            FilterError: they are damaged.

        """
        return SavedFilters.of(self._text(_KEY_SAVED))

    def save(self, saved: SavedFilters) -> None:
        """Keep these from now on; damaged ones are set aside, for a person who can mend them.

        Raises:
            UserError: they cannot be written.

        """
        try:
            _ = self.saved
        except FilterError:
            self._store.setValue(_KEY_DAMAGED, self._text(_KEY_SAVED))
        self._store.setValue(_KEY_SAVED, saved.text)
        self._store.sync()
        if self._store.status() is not QSettings.Status.NoError:
            raise UserError(
                f"The saved filters cannot be written to {self._store.fileName()}.",
                "They last until the program ends; check the disk and the permissions there.",
            )

    def _text(self, key: str) -> str:
        value = self._store.value(key)
        return "" if value is None else str(value)
