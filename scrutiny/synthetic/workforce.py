"""Social workers: posts, starters, leavers and agency workers, month by month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scrutiny.synthetic.draws import NEVER, Array, Rng, Table, between, choose, either, pick, stack, stream
from scrutiny.synthetic.people import CANARY, FIRST_NAMES, LAST_NAMES, ethnicity_weights, names, numbered
from scrutiny.synthetic.scenario import scenario

TEAMS = (
    "Front Door",
    "Assessment North",
    "Assessment South",
    "Safeguarding East",
    "Safeguarding West",
    "Children in Care",
    "Leaving Care",
    "Disabled Children",
    "Fostering",
    "Adoption Support",
)
TITLES = {
    1: "Head of Service",
    2: "Service Manager",
    3: "Team Manager",
    4: "Senior Practitioner",
    5: "Social Worker",
    6: "Practice Educator",
}
FROM = np.datetime64("2022-10")


@dataclass(frozen=True)
class Workforce:
    """Posts, workers (employees and agency workers) and holdings: who held which post from when.

    A holding ends with a leave date (``NaT`` while it lasts). A post without an employee is vacant,
    whether or not an agency worker covers it.
    """

    posts: Table
    workers: Table
    holdings: Table

    def case_holders(self, month: np.datetime64) -> Array:
        """Positions of the workers who hold cases at the end of a month."""
        end = (month + 1).astype("datetime64[D]") - 1
        held = self.holdings
        here = (held["start"] <= end) & ~(held["leave"] <= end)
        worker = held["worker"][here]
        with_cases: Array = worker[np.isin(self.workers["role"][worker], [4, 5])]
        return with_cases

    def case_holder(self, case: Array, start: Array) -> Array:
        """The identifier of the worker who took on each case on a date; the same one whenever asked."""
        months = np.maximum(start.astype("datetime64[M]"), FROM)
        worker = np.zeros(len(months), dtype=int)
        for month in np.unique(months):
            rows = months == month
            pool = self.case_holders(month)
            mixed = case[rows] * 31 + start[rows].astype(int) * 17
            worker[rows] = pool[mixed % len(pool)]
        return self.workers["id"][worker]


def _months() -> Array:
    months: Array = np.arange(FROM, np.datetime64(scenario()["calendar"]["lives_to"], "M") + 1)
    return months


def _new_workers(rng: Rng, n: int, role: Array, start: Array, *, agency: bool) -> Table:
    return {
        "agency": np.full(n, agency),
        "role": role,
        "fte": rng.choice([1.0, 0.8, 0.6, 0.5], n, p=[0.8, 0.11, 0.05, 0.04]),
        "birth": start - np.floor(365.25 * (24 + 38 * rng.beta(1.6, 2.0, n))).astype(int),
        "gender": pick(rng, {"2": 83, "1": 16, "0": 1}, n),
        "ethnicity": pick(
            rng, {k: v for k, v in ethnicity_weights().items() if k not in ("WIRT", "WROM")}, n
        ),
        "qualification": pick(rng, {"1": 45, "2": 50, "3": 5}, n),
        "origin": pick(rng, {"4": 30} if agency else {"1": 38, "2": 30, "4": 14, "5": 5, "6": 8, "7": 5}, n),
        "days_lost": np.round(rng.gamma(0.7, 12.0, n) * 2) / 2,
        "caseload": between(rng, 12, 19, n),
    }


def live(seed: int, young: int) -> Workforce:
    """Simulate the social workers of an authority with ``young`` people aged 0 to 17, from October 2022."""
    rates = scenario()["workforce"]
    rng = stream(seed, 4)
    fte = rates["in_post_fte"] * young / 10_000
    in_post = max(6, round(fte / 0.93))  # the average of the working patterns of _new_workers
    total = in_post + max(1, round(fte * rates["vacancy_rate"] / (1 - rates["vacancy_rate"])))
    cover = round(in_post * rates["agency_rate"] / (1 - rates["agency_rate"]))
    role = np.array(
        [int(code) for code in pick(rng, {"1": 3, "2": 5, "3": 11, "4": 17, "5": 58, "6": 6}, total)]
    )
    posts: Table = {
        "id": numbered("POST", np.arange(1, total + 1), 5),
        "team": np.array(TEAMS, dtype=object)[rng.integers(0, len(TEAMS), total)],
        "role": role,
    }
    months = _months()
    held_by = np.full(total, -1)
    first = rng.permutation(total)[:in_post]
    start = months[0].astype("datetime64[D]") - between(rng, 30, 4500, in_post)
    workers = [_new_workers(rng, in_post, role[first], start, agency=False)]
    holdings = [
        {
            "post": first,
            "worker": np.arange(in_post),
            "start": start,
            "leave": np.full(in_post, NEVER),
            "agency": np.zeros(in_post, dtype=bool),
        }
    ]
    held_by[first] = np.arange(in_post)
    leave = np.full(in_post, NEVER)
    count = in_post
    freed = np.full(total, months[0])
    due = rng.random()
    for month in months:
        due += rates["turnover_rate"] * in_post / 12
        leaving, due = int(due), due - int(due)
        filled, empty = np.flatnonzero(held_by >= 0), np.flatnonzero((held_by < 0) & (freed < month))
        # those who stay take a post that was already vacant, so that the vacancy rate holds
        starting = min(leaving, len(empty))
        posts_left = rng.permutation(filled)[:leaving]
        first_day = month.astype("datetime64[D]")
        leave[held_by[posts_left]] = first_day + between(rng, 2, 26, leaving)
        held_by[posts_left], freed[posts_left] = -1, month
        taken = rng.permutation(empty)[:starting]
        start = np.busday_offset(first_day, between(rng, 0, 8, starting), roll="forward").astype(
            "datetime64[D]"
        )
        workers.append(_new_workers(rng, starting, role[taken], start, agency=False))
        new = np.arange(count, count + starting)
        holdings.append(
            {
                "post": taken,
                "worker": new,
                "start": start,
                "leave": np.full(starting, NEVER),
                "agency": np.zeros(starting, dtype=bool),
            }
        )
        held_by[taken], count = new, count + starting
        leave = np.concatenate([leave, np.full(starting, NEVER)])
    employees = stack(holdings)
    employees["leave"] = leave
    agency_workers, agency_holdings = _agency(rng, cover, count)
    table = stack([*workers, agency_workers])
    n = len(table["role"])
    number = np.arange(1, n + 1, dtype=np.int64) * 7_919 % 1_000_000_007
    table |= {
        "id": numbered("SW", number, 10),
        "name": names(rng, FIRST_NAMES, n) + " " + names(rng, LAST_NAMES, n),
    }
    canary = int(np.flatnonzero(np.isnat(leave))[0])
    table["id"][canary], table["name"][canary] = CANARY["worker_id"], CANARY["worker_name"]
    table["birth"][canary] = np.datetime64(CANARY["worker_birth"])
    posts["id"][employees["post"][canary]] = CANARY["post_id"]
    return Workforce(posts, table, stack([employees, agency_holdings]))


def _agency(rng: Rng, cover: int, first: int) -> tuple[Table, Table]:
    """Agency workers: ``cover`` of them at any time, each for some months on no fixed post."""
    months = _months()
    tables, start = [], months[0].astype("datetime64[D]") - between(rng, 0, 250, cover)
    slot = np.arange(cover)
    last = months[-1].astype("datetime64[D]")
    while len(slot):
        leave = start + between(rng, 120, 700, len(slot))
        tables.append({"post": -1 - slot, "start": start, "leave": leave})
        running = leave < last
        slot, start = slot[running], (leave + 1)[running]
    held = stack(tables)
    n = len(held["post"])
    held["worker"], held["agency"] = np.arange(first, first + n), np.ones(n, dtype=bool)
    role = either(rng.random(n) < 0.85, 5, 4)
    return _new_workers(rng, n, role, held["start"], agency=True), {
        name: held[name] for name in ("post", "worker", "start", "leave", "agency")
    }


def establishment(workforce: Workforce, month: np.datetime64) -> Table:
    """The establishment list at a month's end: one row a post, and one for each further agency worker.

    A post left in the month is vacant and still shows the leaver with the leave date; agency workers cover
    vacant posts from the month after.
    """
    first, end = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]") - 1
    held, posts, workers = workforce.holdings, workforce.posts, workforce.workers
    n = len(posts["id"])
    holder, here = np.full(n, -1), ~held["agency"] & (held["start"] <= end)
    row_of = np.full(n, -1)
    leaver = here & (held["leave"] >= first) & (held["leave"] <= end)
    present = here & ~(held["leave"] <= end)
    for rows in (np.flatnonzero(leaver), np.flatnonzero(present)):
        holder[held["post"][rows]], row_of[held["post"][rows]] = held["worker"][rows], rows
    left = np.zeros(n, dtype=bool)
    left[held["post"][leaver]] = True
    filled = (holder >= 0) & ~left
    leave = either(left, held["leave"][row_of], NEVER)
    agency = np.zeros(n, dtype=bool)

    on_cover = np.flatnonzero(held["agency"] & (held["start"] <= end) & ~(held["leave"] <= end))
    on_cover = on_cover[np.argsort(-held["post"][on_cover], kind="stable")]
    vacant = np.flatnonzero((holder < 0) & np.isin(posts["role"], [3, 4, 5]))
    covered = min(
        len(vacant),
        round(scenario()["workforce"]["vacancies_covered_by_agency"] * (~filled).sum()),
        len(on_cover),
    )
    holder[vacant[:covered]], row_of[vacant[:covered]] = (
        held["worker"][on_cover[:covered]],
        on_cover[:covered],
    )
    agency[vacant[:covered]] = True
    extra = on_cover[covered:]

    known = holder >= 0
    who = np.maximum(holder, 0)
    table: Table = {
        "post": posts["id"],
        "team": posts["team"],
        "role": posts["role"],
        "post_fte": either(filled, workers["fte"][who], 1.0),
        "filled": filled,
        "worker": holder,
        "fte": either(known, workers["fte"][who], np.nan),
        "agency": agency,
        "start": either(known, held["start"][np.maximum(row_of, 0)], NEVER),
        "leave": leave,
        "reason": either(left, either(who % 10 < 7, "1", either(who % 10 < 9, "5", "7")), None),
    }
    more = held["worker"][extra]
    cover: Table = {
        "post": numbered("COVER", -held["post"][extra], 4),
        "team": np.array(TEAMS, dtype=object)[more % len(TEAMS)],
        "role": workers["role"][more],
        "post_fte": workers["fte"][more],
        "filled": np.ones(len(extra), dtype=bool),
        "worker": more,
        "fte": workers["fte"][more],
        "agency": np.ones(len(extra), dtype=bool),
        "start": held["start"][extra],
        "leave": np.full(len(extra), NEVER),
        "reason": np.full(len(extra), None, dtype=object),
    }
    table = stack([table, cover])
    works = (table["worker"] >= 0) & np.isnat(table["leave"]) & np.isin(table["role"], [4, 5])
    cases = np.floor(workers["caseload"][np.maximum(table["worker"], 0)] * np.nan_to_num(table["fte"]))
    table["cases"] = either(works, cases, either(table["worker"] >= 0, 0, np.nan))
    return table


def census(workforce: Workforce, year: int) -> tuple[Table, tuple[float, float, int]]:
    """The workforce census at 30 September: workers and the year's leavers, and the vacancies.

    Vacancies are FTE vacant, and FTE and headcount of the agency workers covering them.
    """
    day = np.datetime64(f"{year}-09-30")
    year_start = np.datetime64(f"{year - 1}-10-01")
    posts = establishment(workforce, np.datetime64(f"{year}-09"))
    held, workers = workforce.holdings, workforce.workers
    here = (held["start"] <= day) & ~(held["leave"] < year_start) & ~(held["agency"] & (held["leave"] <= day))
    rows = choose(held, here)
    rows = choose(rows, np.argsort(rows["worker"], kind="stable"))
    who = rows["worker"]
    gone = rows["leave"] <= day
    rows |= {name: column[who] for name, column in workers.items() if name != "agency"}
    rows["gone"] = gone
    rows["start_in_year"] = rows["start"] >= year_start
    rows["destination"] = either(gone, either(who % 3 == 0, "1", either(who % 3 == 1, "3", "6")), None)
    rows["reason"] = either(gone, either(who % 10 < 7, "1", either(who % 10 < 9, "5", "7")), None)
    rows["cases"] = either(np.isin(rows["role"], [4, 5]) & ~gone, np.floor(rows["caseload"] * rows["fte"]), 0)
    vacant = posts["post_fte"][~posts["filled"]].sum()
    covering = posts["agency"] & ~posts["filled"]
    return rows, (float(vacant), float(posts["fte"][covering].sum()), int(covering.sum()))
