"""What the admin's pages share: they stay cheap on tables of millions of rows, and change data by our actions only.

- A list counts at most MAX_COUNTED rows and pages no deeper. It is ordered by an indexed column, and searched by words
  that each admin translates to a look-up in an index (`narrow`). No filter asks the database for its choices.
- What a moderator does is an action of the list. Each row has its own transaction, with its event and its LogEntry.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from chatserver.errors import ChatError

MAX_COUNTED = 10_000
# Lists of tables that grow for ever show this many of the newest rows at most, so that a filter has a limit.
MAX_NEWEST = 100_000
MAX_AT_ONCE = 500


def as_id(word: str) -> int | None:
    """The search word as an id, or None. 18 digits are more than a table has."""
    return int(word) if word.isdecimal() and len(word) <= 18 else None


class CappedPaginator(Paginator):
    """Counts up to a limit, and pages up to there."""

    @cached_property
    def count(self) -> int:
        # Unordered: the count of a LIMIT needs no sort.
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # the admin's is one
        return rows.order_by()[:MAX_COUNTED].count()


class CappedChangeList(ChangeList):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.result_count == MAX_COUNTED:
            self.title += f" (the first {MAX_COUNTED:,}; search to see others)"

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Always by the index, whatever the query string says."""
        return list(self.model_admin.get_ordering(request))


class BoundedAdmin(admin.ModelAdmin):
    """Rows can't be deleted, since others refer to them. What staff can do instead is offered as actions."""

    paginator = CappedPaginator
    list_per_page = list_max_show_all = 100
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count
    sortable_by = ()
    search_fields: ClassVar[tuple[str, ...]] = ("pk",)  # shows the box; narrow() does the search
    # Whether a list without a search ends after MAX_NEWEST rows.
    shows_newest_only = False

    def narrow(self, queryset: QuerySet[Any], word: str) -> QuerySet[Any]:
        """The rows that match a word of the search."""
        number = as_id(word)
        return queryset.none() if number is None else queryset.filter(pk=number)

    def newest(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        last = self.model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
        return queryset.filter(pk__gt=last - MAX_NEWEST)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.replace("\0", " ").split()
        if not words and self.shows_newest_only:
            queryset = self.newest(queryset)
        for word in words:
            queryset = self.narrow(queryset, word)
        return queryset, False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only the filters that the page offers: others would scan, or ask a secret column letter by letter."""
        offered = {item[0] if isinstance(item, tuple) else item for item in self.get_list_filter(request)}
        return lookup.split("__")[0] in offered

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CappedChangeList

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        """For actions: Django's permission to change, whether or not there is a form for it."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """For actions: Django's permission to delete, whether or not rows can be deleted."""
        return request.user.has_perm(f"{self.opts.app_label}.delete_{self.opts.model_name}")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ChatError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def moderate(
        self, request: HttpRequest, chosen: QuerySet[Any], act: Callable[[Any], object], done: str, warning: str = ""
    ) -> TemplateResponse | None:
        """Apply an action to each selected row and record it; show which rows refused. With a warning, ask first."""
        rows = list(chosen[: MAX_AT_ONCE + 1])
        if len(rows) > MAX_AT_ONCE:
            self.message_user(request, f"Choose at most {MAX_AT_ONCE} at once.", messages.ERROR)
            return None
        if warning and "confirmed" not in request.POST:
            return self._ask(request, {row.pk: self.describe(row) for row in rows}, warning)
        count = sum(self._moderate_one(request, row, act, done) for row in rows)
        if count:
            names = self.opts.verbose_name if count == 1 else self.opts.verbose_name_plural
            self.message_user(request, f"{done}: {count} {names}.", messages.SUCCESS)
        return None

    def _moderate_one(self, request: HttpRequest, row: Model, act: Callable[[Any], object], done: str) -> bool:
        name = str(row)
        try:
            with transaction.atomic():
                self.record(request, row, done)
                act(row)
        except ChatError as refusal:
            self.message_user(request, f"{name}: {refusal.detail}", messages.WARNING)
            return False
        return True

    def record(self, request: HttpRequest, row: Model, done: str) -> None:
        """Write an action to the audit before it happens: the row may be gone afterwards."""
        self.log_change(request, row, done)

    def describe(self, row: Any) -> str:
        """How the confirmation page names a row."""
        return str(row)

    def _ask(self, request: HttpRequest, rows: dict[Any, str], warning: str) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Are you sure?",
            "warning": warning,
            "rows": rows,
            "opts": self.opts,
            "action": request.POST["action"],
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/confirm_action.html", context)


class ReadOnlyAdmin(BoundedAdmin):
    """Rows that can be read, and changed by actions only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
