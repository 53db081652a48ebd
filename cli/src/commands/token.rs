//! `token`: a token for the web and mobile SDKs. It is what the user asks for, so it is printed.

use cashfree_vkyc::{
    AuthenticatedUser, IdentifierType, NumberOrText, Sensitive, Timestamp, TokenMetadata, TokenRequest,
};
use serde_json::json;

use crate::args::Token;
use crate::escape;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;

pub(crate) async fn run(args: &Token, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let client = session.client()?;
    let value = Sensitive::new(NumberOrText::from(args.identifier_value.as_str()));
    let user = AuthenticatedUser::new(IdentifierType::from(args.identifier_type.as_str()), value);
    let request = TokenRequest::new(&args.app_id, TokenMetadata::new(args.vkyc_request_id.as_str()), user);
    let call = client.sdk_token(request).await;
    let token = call.map_err(|error| Failure::call("no token was made", &error))?;
    let text = token.access_token.as_ref().map(|text| text.expose().as_str());
    let text = text.ok_or_else(|| Failure::new(Exit::Failed, "the response has no token"))?;
    let lapses = token.lapses().map(Timestamp::as_str);
    if output.is_json {
        output.json(&json!({ "access_token": text, "lapses": lapses, "request_id": token.request_id() }))?;
    } else {
        output.line(&escape::line(text))?;
        output.note(&format!("lapses: {}", lapses.unwrap_or("the response does not say")));
    }
    Ok(Exit::Done)
}
