//! Cases without network: responses, webhooks, and code generation from the spec.

use std::hint::black_box;

use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::webhook::{Event, Verifier};
use cashfree_vkyc::{EventType, VideoKyc};
use cashfree_vkyc_bare as bare;
use cashfree_vkyc_codegen::{Spec, generate};

use crate::Side;

pub(crate) fn decode(side: Side, times: u32) {
    let body = serde_json::to_vec(&Sandbox::published_sample()).unwrap();
    for _ in 0..times {
        match side {
            Side::Ours => drop(black_box(serde_json::from_slice::<VideoKyc>(black_box(&body)).unwrap())),
            Side::Bare => drop(black_box(bare::decode(black_box(&body)).unwrap())),
        }
    }
}

/// Encodes to JSON, as for storing a response.
pub(crate) fn encode(side: Side, times: u32) {
    let ours = Sandbox::published_sample();
    let bare = bare::decode(&serde_json::to_vec(&ours).unwrap()).unwrap();
    for _ in 0..times {
        match side {
            Side::Ours => drop(black_box(serde_json::to_vec(black_box(&ours)).unwrap())),
            Side::Bare => drop(black_box(bare::encode(black_box(&bare)).unwrap())),
        }
    }
}

pub(crate) fn webhook(side: Side, times: u32) {
    let verifier = Verifier::new("the-client-secret").unwrap();
    let mut vkyc = Sandbox::published_sample();
    vkyc.agent_remarks = Some("The customer showed the card and answered every question.".into());
    let event = Event::new(EventType::VkycUserCallCompleted, "2025-05-22T03:51:14Z".into(), vkyc);
    let signed = verifier.sign(serde_json::to_vec(&event).unwrap());
    let (headers, body) = (signed.headers(), signed.body());
    let key = bare::key(b"the-client-secret").unwrap();
    let timestamp = headers.get("x-webhook-timestamp").unwrap().as_bytes();
    let signature = headers.get("x-webhook-signature").unwrap().as_bytes();
    for _ in 0..times {
        match side {
            Side::Ours => drop(black_box(verifier.verify(black_box(&headers), black_box(body)).unwrap())),
            Side::Bare => {
                let event = bare::verify(&key, black_box(timestamp), black_box(signature), black_box(body));
                drop(black_box(event.unwrap()));
            }
        }
    }
}

/// Runs the build script's work. By hand, that is progenitor on the same document, as its README shows it.
pub(crate) fn generation(side: Side, times: u32) {
    let spec = Spec::parse("spec/vkyc.yaml", include_str!("../../spec/vkyc.yaml")).unwrap();
    let document = spec.at("").unwrap().to_string();
    for _ in 0..times {
        match side {
            Side::Ours => {
                let spec = Spec::parse("spec/vkyc.yaml", include_str!("../../spec/vkyc.yaml")).unwrap();
                drop(black_box(generate(&spec).unwrap()));
            }
            Side::Bare => drop(black_box(bare::generate(&document).unwrap())),
        }
    }
}
