"""Native notifications: a plain model, one adapter a platform, and the presenter that picks among them."""

from armguard_tray.desktop.toast.adapter import ToastAdapter, ToastAdapterFailed, ToastListener
from armguard_tray.desktop.toast.model import Toast, ToastKey, Urgency
from armguard_tray.desktop.toast.presenter import PresenterState, ToastPresenter

__all__ = [
    "PresenterState",
    "Toast",
    "ToastAdapter",
    "ToastAdapterFailed",
    "ToastKey",
    "ToastListener",
    "ToastPresenter",
    "Urgency",
]
