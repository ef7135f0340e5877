"""Real operations of EngageLab that are not emulated; each is answered 501 with its name, never silently.

Source: reference/engagelab.md section 2; D is documented, C from client code, I inferred from siblings.
"""

from __future__ import annotations

from emulator.core.operation import Declined

_REASON = "only the list members of this vendor are"

# id, method, path, source
_ROWS = (
    ("tags.create", "POST", "/v1/marketing/lists/tags", "T1, D"),
    ("tags.delete", "DELETE", "/v1/marketing/lists/tags/{tag_id}", "T2, D"),
    ("tags.update", "PUT", "/v1/marketing/lists/tags/{tag_id}", "T3, D"),
    ("tags.list", "GET", "/v1/marketing/lists/tags", "T4, C"),
    ("tags.members", "GET", "/v1/marketing/lists/tags/{tag_id}/members", "T5, C"),
    ("fields.create", "POST", "/v1/marketing/lists/fields", "F1, D"),
    ("fields.delete", "DELETE", "/v1/marketing/lists/fields/{field_id}", "F2, D"),
    ("fields.update", "PUT", "/v1/marketing/lists/fields/{field_id}", "F3, I"),
    ("fields.list", "GET", "/v1/marketing/lists/fields", "F4, I"),
    ("segments.create", "POST", "/v1/marketing/lists/segments", "S1, D"),
    ("segments.list", "GET", "/v1/marketing/lists/segments", "S2, I"),
    ("segments.get", "GET", "/v1/marketing/lists/segments/{segment_id}", "S2, I"),
    ("segments.update", "PUT", "/v1/marketing/lists/segments/{segment_id}", "S2, I"),
    ("segments.delete", "DELETE", "/v1/marketing/lists/segments/{segment_id}", "S2, I"),
    ("campaigns.create", "POST", "/v1/marketing/campaigns", "C1, D"),
    ("campaigns.list", "GET", "/v1/marketing/campaigns", "C1, C"),
    ("campaigns.get", "GET", "/v1/marketing/campaigns/{campaign_id}", "C1, C"),
    ("campaigns.update", "PUT", "/v1/marketing/campaigns/{campaign_id}", "C1, C"),
    ("campaigns.delete", "DELETE", "/v1/marketing/campaigns/{campaign_id}", "C1, C"),
    ("campaign_tags.create", "POST", "/v1/marketing/campaigns/tags", "C2, D"),
    ("campaign_tags.list", "GET", "/v1/marketing/campaigns/tags", "C2, D"),
    ("senders", "*", "/v1/marketing/senders/*", "X1, D"),
    ("address_lists", "*", "/v1/address_lists/*", "X2, D"),
    ("unsubscribes", "*", "/v1/unsubscribes/*", "X3, D"),
    ("complaints", "*", "/v1/complaints/*", "X3, D"),
    ("no_interceptions", "*", "/v1/no_interceptions/*", "X3, D"),
    ("webhooks", "*", "/v1/webhooks/*", "X3, D"),
    ("email_status", "*", "/v1/email_status/*", "X3, D"),
    ("account.quota", "*", "/v1/account/quota/*", "X3, D"),
    ("labels", "*", "/v1/labels/*", "X3, D"),
    ("templates", "*", "/v1/templates/*", "X3, D"),
    ("domains", "*", "/v1/domains/*", "X3, D"),
    ("api_users", "*", "/v1/api_users/*", "X3, D"),
    ("routes", "*", "/v1/routes/*", "X3, D"),
)

DECLINED = tuple(
    Declined(f"engagelab.{name}", method, path, _REASON, f"reference/engagelab.md section 2, {source}")
    for name, method, path, source in _ROWS
)
