"""Native notifications: a plain model, one adapter a platform, and the presenter that picks among them."""

from armguard_tray.desktop.toast.adapter import ToastAdapter, ToastAdapterFailed, ToastListener
from armguard_tray.desktop.toast.model import HelpKey, Picture, Toast, ToastKey, Urgency
from armguard_tray.desktop.toast.presenter import PresenterState, ToastPresenter
from armguard_tray.desktop.toast.quiet import Quiet

__all__ = [
    "HelpKey",
    "Picture",
    "PresenterState",
    "Quiet",
    "Toast",
    "ToastAdapter",
    "ToastAdapterFailed",
    "ToastKey",
    "ToastListener",
    "ToastPresenter",
    "Urgency",
]
