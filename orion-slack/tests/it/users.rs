//! Members as unified users.

use chrono::DateTime;
use orion_core::{AdapterExt, Change, ErrorKind, Query, UnifiedUser, UserKind, UserStatus, testing::Script};
use serde_json::{Value, json};

use crate::support::{calls, connect, form, on};

fn member(id: &str, updated: i64) -> Value {
    json!({
        "id": id, "team_id": "T1", "name": "spengler", "deleted": id == "U2", "real_name": "Egon Spengler", "tz": "America/Los_Angeles",
        "is_admin": true, "is_owner": true, "is_bot": false, "updated": updated, "color": "9f69e7",
        "profile": {"display_name": "", "real_name": "Egon Spengler", "first_name": "Egon", "email": "egon@acme.test", "title": "Doctor", "phone": "555",
            "status_text": "Print is dead", "team": "T1"},
    })
}

#[tokio::test(start_paused = true)]
async fn members_become_users_and_nothing_of_them_is_lost() {
    let odd = json!({"id": "U3", "name": 5, "profile": {}});
    let page = json!({"ok": true, "members": [member("U1", 100), member("U2", 200), odd, {"name": "nobody"}], "response_metadata": {"next_cursor": "dXNlcg=="}});
    let script = on(Script::new(), "users.list").reply(200, page);
    let page = connect(&script).page::<UnifiedUser>(&Query::new().page_size(500)).await.unwrap();
    assert_eq!(page.next.as_ref().map(|next| next.as_str()), Some("dXNlcg=="));
    let records: Vec<_> = page.changes.into_iter().filter_map(Change::into_record).collect();
    let user = &records[0].model;
    assert_eq!(
        (user.display_name.as_deref(), user.first_name.as_deref()),
        (Some("Egon Spengler"), Some("Egon"))
    );
    assert_eq!((user.email.as_deref(), user.job_title.as_deref()), (Some("egon@acme.test"), Some("Doctor")));
    assert_eq!(
        (&user.kind, &user.status, user.admin),
        (&Some(UserKind::Person), &Some(UserStatus::Active), Some(true))
    );
    assert_eq!(records[0].meta.modified_at, DateTime::from_timestamp(100, 0));
    assert_eq!(records[0].extra.text("color"), Some("9f69e7"));
    assert_eq!(records[0].extra.get("profile").unwrap()["status_text"], "Print is dead");
    assert_eq!(records[1].model.status, Some(UserStatus::Deactivated), "a change, and no delete");

    let ids: Vec<Option<&str>> =
        page.rejected.iter().map(|rejected| rejected.id.as_ref().map(|id| id.as_str())).collect();
    assert_eq!(ids, [Some("U3"), None]);
    assert!(page.rejected.iter().all(|rejected| rejected.reason.kind() == ErrorKind::Malformed));
    assert!(page.rejected[1].raw.contains("nobody"));
    let sent = form(&calls(&script, "users.list")[0]);
    assert_eq!((&*sent["limit"], &*sent["include_locale"]), ("200", "true"));
}

#[tokio::test(start_paused = true)]
async fn who_did_not_change_is_left_out() {
    let page = json!({"ok": true, "members": [member("U1", 100), member("U2", 200), member("U3", 300)]});
    let script = on(Script::new(), "users.list").reply(200, page);
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
    let query = Query::new().since(at(200)).until(at(300));
    let page = connect(&script).page::<UnifiedUser>(&query).await.unwrap();
    let ids: Vec<&str> = page.changes.iter().map(|change| change.id().as_str()).collect();
    assert_eq!(ids, ["U2"]);
}

#[tokio::test(start_paused = true)]
async fn a_cursor_that_is_too_old_says_so() {
    let script = on(Script::new(), "users.list").reply(200, json!({"ok": false, "error": "invalid_cursor"}));
    let error = connect(&script).page::<UnifiedUser>(&Query::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Expired);
}
