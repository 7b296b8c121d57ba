//! `cidr`

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use crate::diagnostic::{Code, Diagnostic, Result, Span};
use crate::normalize::Value;

use super::Input;
use super::apply::cannot_take;

/// Reads a network; one of IPv4-mapped addresses is the IPv4 network that it stands for.
pub(super) fn apply(input: &Input<'_>, span: Span) -> Result<Value> {
    let (Input::Raw(_) | Input::Resolved(_), Some(text)) = (input, input.text()) else {
        return Err(cannot_take(
            "`cidr`",
            input,
            span,
            "write a network such as `10.0.0.0/8`",
        ));
    };
    let invalid = |title: String, help: String| {
        Box::new(Diagnostic::error(Code::INVALID_NETWORK, title, span).with_help(help))
    };
    let Ok(network) = text.parse::<IpNet>() else {
        return Err(match text.parse::<IpAddr>() {
            Ok(address) => {
                let bits = if address.is_ipv4() { 32 } else { 128 };
                invalid(
                    format!("`{text}` is an address, not a network"),
                    format!("write `{text}/{bits}`, or leave `cidr` out"),
                )
            }
            Err(_) => invalid(
                format!("`{text}` is not a network in CIDR notation"),
                "write a network such as `10.0.0.0/8` or `fe80::/10`".to_owned(),
            ),
        });
    };
    if network.network() != network.addr() {
        return Err(invalid(
            format!("`{text}` has host bits set"),
            format!("write `{}`", network.trunc()),
        ));
    }
    Ok(Value::Cidr(unmapped(network)))
}

fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else {
        return network;
    };
    v6.addr()
        .to_ipv4_mapped()
        .zip(v6.prefix_len().checked_sub(96))
        .and_then(|(address, bits)| Ipv4Net::new(address, bits).ok())
        .map_or(network, IpNet::V4)
}
