use futures::TryStreamExt;

use super::*;
use crate::{CustomObject, UnifiedCustomer, UnifiedUser};

/// Tells of a customer in all the ways in which news come.
struct Bell;

#[async_trait]
impl Adapter for Bell {
    fn id(&self) -> AdapterId {
        AdapterId::new("bell", "1.0.0")
    }

    fn resources(self: Arc<Self>) -> Resources {
        let resources = Resources::of(self).receives::<UnifiedCustomer>().watches::<UnifiedCustomer>();
        resources.objects::<UnifiedUser>([]).build()
    }

    async fn check(&self) -> Result<Identity> {
        Ok(Identity::new("bell"))
    }
}

fn news(name: &str) -> Change<UnifiedCustomer> {
    Change::Upsert(Record::new("c1", UnifiedCustomer::named(name)))
}

impl Receive<UnifiedCustomer> for Bell {
    async fn receive(&self, delivery: &Delivery) -> Result<Vec<Change<UnifiedCustomer>>> {
        let name = std::str::from_utf8(&delivery.body);
        let name = name.map_err(|_| Error::new(ErrorKind::Malformed, "the delivery is no text"))?;
        Ok(vec![news(name), Change::Delete { id: "c2".into(), at: None }])
    }
}

impl Watch<UnifiedCustomer> for Bell {
    fn watch(&self, from: Option<Cursor>) -> BoxStream<'_, Result<(Change<UnifiedCustomer>, Cursor)>> {
        let start: u64 = from.and_then(|from| from.as_str().parse().ok()).unwrap_or(0);
        let after = |at: u64| Ok((news(&format!("the {at}th")), Cursor::new((at + 1).to_string())));
        stream::iter((start..3).map(after)).boxed()
    }
}

fn delivery(body: &'static [u8]) -> Delivery {
    Delivery::new(http::HeaderMap::new(), body)
}

#[tokio::test]
async fn a_webhook_comes_typed_and_as_json() {
    let connector = Connector::new(Arc::new(Bell));
    let typed: Vec<Change<UnifiedCustomer>> = connector.receive(&delivery(b"Ada")).await.unwrap();
    assert_eq!(typed, [news("Ada"), Change::Delete { id: "c2".into(), at: None }]);
    let json = connector.receive_json(UnifiedCustomer::KIND, &delivery(b"Ada")).await.unwrap();
    assert_eq!(json[0].clone().into_record().unwrap().model["display_name"], "Ada");
    assert_eq!(json[1].id().as_str(), "c2");
    let error = connector.receive_json(UnifiedCustomer::KIND, &delivery(b"\xff")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn a_live_stream_goes_on_from_its_position_typed_and_as_json() {
    let connector = Connector::new(Arc::new(Bell));
    let typed: Vec<(Change<UnifiedCustomer>, Cursor)> =
        connector.watch(Some(Cursor::new("1"))).try_collect().await.unwrap();
    assert_eq!(typed, [(news("the 1th"), Cursor::new("2")), (news("the 2th"), Cursor::new("3"))]);
    let json: Vec<_> = connector.watch_json(UnifiedCustomer::KIND, None).try_collect().await.unwrap();
    assert_eq!((json.len(), json[2].1.as_str()), (3, "3"));
}

#[tokio::test]
async fn news_of_what_is_not_offered_are_unsupported() {
    let connector = Connector::new(Arc::new(Bell));
    let typed: Result<Vec<Change<CustomObject>>> = connector.receive(&delivery(b"Ada")).await;
    let typed_live: Result<Vec<(Change<CustomObject>, Cursor)>> = connector.watch(None).try_collect().await;
    let json = connector.receive_json(UnifiedUser::KIND, &delivery(b"Ada")).await;
    let live: Result<Vec<_>> = connector.watch_json(UnifiedUser::KIND, None).try_collect().await;
    let errors = [typed.unwrap_err(), typed_live.unwrap_err(), json.unwrap_err(), live.unwrap_err()];
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::Unsupported), "{errors:?}");
    assert_eq!(errors[2].to_string(), "bell cannot receive kind `user`");
}
