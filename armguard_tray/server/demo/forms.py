"""What a person fills in. The JSON endpoint's body is checked by the same form."""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from armguard_tray.server.demo.armory import Load, issue, take_back
from armguard_tray.server.demo.models import Action, Transaction


class TransactionForm(forms.Form):
    """One transaction to be made."""

    personnel_id = forms.CharField(label="Personnel ID", max_length=100)
    item_id = forms.CharField(label="Item ID", max_length=100)
    action = forms.ChoiceField(choices=Action.choices)
    duty_type = forms.CharField(max_length=40, required=False)
    mags = forms.IntegerField(min_value=0, max_value=1000, required=False)
    rounds = forms.IntegerField(min_value=0, max_value=100_000, required=False)
    notes = forms.CharField(max_length=500, required=False)

    def make(self, user: User) -> Transaction:
        """Make the transaction that a valid form describes; raises RuleViolation."""
        said: dict[str, Any] = self.cleaned_data
        act = issue if said["action"] == Action.TAKE else take_back
        load = Load(said["duty_type"], said["mags"], said["rounds"], said["notes"])
        return act(said["personnel_id"], said["item_id"], user, load)
