"""Whatever happens in whatever order: what must always hold of a stream.

A model of the runner keeps what the machine has asked for (one activity, one socket, one timer) and lets any
of it end in any way at any time; the invariants are checked after every step.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from armguard_tray.connection import lifecycle as life
from armguard_tray.connection.backoff import RENEWAL, STABLE_AFTER, Delay
from armguard_tray.connection.explain import explain
from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.phase import Need, Phase

PASSWORD_SPENT = {FailureKind.WRONG_PASSWORD, FailureKind.LOCKED_OUT, FailureKind.GIVEN_UP}
FORGETS = explain(Failure(FailureKind.SESSION_LOST))
LONGEST_WAIT = 3600 * 1.1 + 1

# What only the machine itself concludes.
CONCLUSIONS = {FailureKind.SESSION_LOST, FailureKind.ORIGIN, FailureKind.UNPROVEN, FailureKind.SILENT}

kinds = st.sampled_from([kind for kind in FailureKind if kind not in CONCLUSIONS])
statuses = st.sampled_from([200, 301, 302, 400, 401, 403, 404, 418, 429, 500, 502, 503, 504])
retry_afters = st.none() | st.sampled_from([0.0, 30.0, 1e9, float("inf")])
failures = st.builds(Failure, kinds) | st.builds(Failure, st.just(FailureKind.STATUS), statuses, retry_afters)
codes = st.sampled_from([1000, 1001, 1006, 1009, 1011, 1012, 4000, 4001, 4008, 4029, 4030, 4999])
closures = st.builds(Closure, codes)
events = st.one_of(
    st.sampled_from(
        [
            life.Start(),
            life.Retry(),
            life.Renew(),
            life.Woke(),
            life.Reachable(),
            life.LoggedIn(),
            life.Opened(),
            life.Proven(),
            life.Proven(heartbeat=40.0),
            life.PingUnanswered(),
            life.NothingHeard(),
            life.TimerFired(),
        ]
    ),
    st.builds(life.Failed, failures),
    st.builds(life.SessionChecked, st.none() | st.booleans()),
    st.builds(life.Lost, closures),
)


class StreamLife(RuleBasedStateMachine):
    """A stream, its runner and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.state = life.State()
        self.now = 1000.0
        self.activity: life.Command | None = None
        self.socket = False
        self.proven = False
        self.pinged = False
        self.promised = False
        self.timer: Delay | None = None
        self.password_spent = False
        self.renewed = False
        self.stopped = False

    # The model of the runner.

    def tell(self, event: life.Event) -> None:
        before = self.state
        self.state, commands = life.step(before, event, self.now)
        self.check_the_count(before)
        for command in commands:
            self.carry_out(command)

    def check_the_count(self, before: life.State) -> None:
        forgotten = self.state.failures < before.failures
        stable = before.phase is Phase.LIVE and self.now - before.entered >= STABLE_AFTER
        assert not forgotten or stable, "failures are forgotten only after a stable life"
        if stable and self.state.phase is not Phase.LIVE:
            self.renewed = False

    def carry_out(self, command: life.Command) -> None:
        match command:
            case life.LogIn(anew):
                assert not self.password_spent, "a refused password is never tried again by itself"
                assert not (anew and self.renewed), "one login anew between two lives"
                self.renewed = self.renewed or anew
                self.begin(command)
                self.timer = None
            case life.CheckSession() | life.Connect():
                self.begin(command)
            case life.Disconnect():
                self.begin(None)
                self.timer = None
            case life.Ping():
                self.pinged = True
            case life.Expect():
                self.promised = True
            case life.Wait(delay):
                self.check_the_delay(delay)
                self.timer = delay

    def begin(self, activity: life.Command | None) -> None:
        self.activity = activity
        self.socket = self.proven = self.pinged = self.promised = False

    def check_the_delay(self, delay: Delay) -> None:
        assert 0 <= delay.least <= delay.most
        if self.state.phase is Phase.BACKING_OFF:
            assert delay.most <= LONGEST_WAIT
            if self.state.trouble == FORGETS:
                assert delay.least >= 60, "a server that forgets logins is not logged in to all the time"
                self.renewed = False

    # What may happen.

    @initialize()
    def start(self) -> None:
        self.tell(life.Start())

    @rule(seconds=st.sampled_from([0.1, 1.0, 14.9, 15.0, 59.9, 60.0, 3600.0]))
    def time_goes_by(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: isinstance(self.activity, life.LogIn))
    @rule()
    def login_succeeds(self) -> None:
        self.activity = None
        self.tell(life.LoggedIn())

    @precondition(lambda self: isinstance(self.activity, life.LogIn | life.Connect) and not self.socket)
    @rule(failure=failures)
    def attempt_fails(self, failure: Failure) -> None:
        self.password_spent = self.password_spent or failure.kind in PASSWORD_SPENT
        self.activity = None
        self.tell(life.Failed(failure))

    @precondition(lambda self: isinstance(self.activity, life.CheckSession))
    @rule(alive=st.none() | st.booleans())
    def session_is_checked(self, alive: bool | None) -> None:  # noqa: FBT001 - a fact of three values
        self.activity = None
        self.tell(life.SessionChecked(alive))

    @precondition(lambda self: isinstance(self.activity, life.Connect) and not self.socket)
    @rule()
    def handshake_succeeds(self) -> None:
        self.socket = True
        self.tell(life.Opened())

    @precondition(lambda self: self.socket)
    @rule(heartbeat=st.none() | st.just(40.0))
    def proof_arrives(self, heartbeat: float | None) -> None:
        self.proven = True
        self.tell(life.Proven(heartbeat))

    @precondition(lambda self: self.socket)
    @rule(closure=closures)
    def connection_ends(self, closure: Closure) -> None:
        self.activity = None
        self.socket = self.proven = self.pinged = self.promised = False
        self.tell(life.Lost(closure))

    @precondition(lambda self: self.socket)
    @rule()
    def reader_breaks_down(self) -> None:
        self.activity = None
        self.tell(life.Failed(Failure(FailureKind.OTHER)))

    @precondition(lambda self: self.pinged)
    @rule()
    def ping_stays_unanswered(self) -> None:
        self.pinged = False
        self.tell(life.PingUnanswered())

    @precondition(lambda self: self.promised)
    @rule()
    def promise_is_broken(self) -> None:
        self.tell(life.NothingHeard())

    @precondition(lambda self: self.timer is not None)
    @rule(part=st.sampled_from([0.0, 0.5, 1.0]))
    def timer_fires(self, part: float) -> None:
        assert self.timer is not None
        self.now += self.timer.least + part * (self.timer.most - self.timer.least)
        self.timer = None
        self.tell(life.TimerFired())

    @rule()
    def user_asks_to_try_now(self) -> None:
        self.password_spent = False
        if self.state.trouble == FORGETS:
            self.renewed = False
        self.tell(life.Retry())

    @rule()
    def machine_wakes_up(self) -> None:
        self.tell(life.Woke())

    # Rarely, or all lives would be short.
    @precondition(lambda self: self.now > 5000)
    @rule()
    def the_end(self) -> None:
        self.tell(life.Stop())
        self.stopped = True

    # What must always hold.

    @invariant()
    def live_only_with_proof(self) -> None:
        assert self.state.phase is not Phase.LIVE or (self.socket and self.proven)

    @invariant()
    def something_is_always_under_way(self) -> None:
        match self.state.phase:
            case Phase.LOGGING_IN:
                assert isinstance(self.activity, life.LogIn)
            case Phase.CONNECTING if self.socket:
                assert self.timer is not None, "a socket without proof has a deadline"
            case Phase.CONNECTING:
                assert self.activity is not None
            case Phase.LIVE:
                assert self.socket
                assert self.timer == RENEWAL
            case Phase.BACKING_OFF:
                assert self.timer is not None
            case Phase.REFUSED:
                assert self.state.trouble is not None
                only_the_user = self.state.trouble.need in {Need.LOGIN, Need.CONSENT}
                assert only_the_user or self.timer is not None
            case _:
                pass

    @invariant()
    def trouble_is_told(self) -> None:
        if self.state.phase in {Phase.BACKING_OFF, Phase.REFUSED}:
            assert self.state.trouble is not None
        if self.state.phase is Phase.LIVE:
            assert self.state.trouble is None

    @invariant()
    def nothing_happens_after_the_end(self) -> None:
        if self.stopped:
            assert self.state.phase is Phase.STOPPED
            assert (self.activity, self.socket, self.timer) == (None, False, None)


TestStreamLife = StreamLife.TestCase
TestStreamLife.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


@given(st.lists(events, max_size=30))
def test_no_event_out_of_place_upsets_the_machine(heard: list[life.Event]) -> None:
    state = life.State()
    for number, event in enumerate(heard):
        state, _ = life.step(state, event, float(number))
    stopped, commands = life.step(state, life.Stop(), 100.0)
    assert (stopped.phase, commands) == (Phase.STOPPED, (life.Disconnect(),))
    for event in heard:
        assert life.step(stopped, event, 101.0) == (stopped, ())
