//! Checks the validity of certificates: the gateway's own, and those used to connect to the database.

use std::path::Path;

use rustls::pki_types::{CertificateDer, pem::PemObject};
use x509_parser::parse_x509_certificate;

use super::Finding;
use crate::{config::Config, domain::time::Timestamp, store::Options};

const CHECK: &str = "certificates";

const DAY_MS: i64 = 86_400_000;

/// A certificate that expires within this many days is reported. Automatic renewal happens earlier.
const SOON_DAYS: i64 = 21;

/// Checks each certificate file named in the settings.
pub(super) fn check(config: &Config, options: &Options, now: Timestamp) -> Vec<Finding> {
    let mut files = Vec::new();
    if !config.server.tls.certificate.is_empty() {
        files.push(("server.tls.certificate", config.server.tls.certificate.clone()));
    }
    files.extend(of_database(&options.url));
    if files.is_empty() {
        return vec![Finding::skipped(CHECK, "the settings name none")];
    }
    files.iter().map(|(setting, file)| of_file(setting, Path::new(file), now)).collect()
}

/// The certificate files in a PostgreSQL URL, with the parameter that names them.
fn of_database(url: &str) -> Vec<(&'static str, String)> {
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    let named = |parameter: &str| {
        let (name, value) = parameter.split_once('=')?;
        let name = ["sslcert", "sslrootcert"].into_iter().find(|known| *known == name)?;
        let file = percent_encoding::percent_decode_str(value).decode_utf8().ok()?;
        Some((name, file.into_owned()))
    };
    parameters.split('&').filter_map(named).collect()
}

fn of_file(setting: &'static str, file: &Path, now: Timestamp) -> Finding {
    let shown = format!("{setting} ({})", file.display());
    let Some((from, until)) = validity(file, setting == "sslrootcert") else {
        return Finding::problem(CHECK, format!("{shown} has no certificate that can be read"), "name a file in PEM");
    };
    let remedy = if setting == "server.tls.certificate" {
        "renew it, and send the gateway SIGHUP, which makes it read the file again"
    } else {
        "renew it, and restart the gateways"
    };
    let day = |at: Timestamp| at.to_string()[..10].to_owned();
    let days = (until.as_millis() - now.as_millis()).div_euclid(DAY_MS);
    if until <= now {
        Finding::problem(CHECK, format!("{shown} has expired on {}", day(until)), remedy)
    } else if from > now {
        Finding::problem(
            CHECK,
            format!("{shown} is not valid before {}", day(from)),
            "use one that is valid now, or correct the clock",
        )
    } else if days < SOON_DAYS {
        Finding::warning(CHECK, format!("{shown} expires on {}, in {days} days", day(until)), remedy)
    } else {
        Finding::good(CHECK, format!("{shown} is valid until {}", day(until)))
    }
}

/// The validity period of a file. If `any`, it lasts until the last of its certificates expires; otherwise until the first
/// does.
fn validity(file: &Path, any: bool) -> Option<(Timestamp, Timestamp)> {
    let certificates = CertificateDer::pem_file_iter(file).ok()?.collect::<Result<Vec<_>, _>>().ok()?;
    let at = |seconds: i64| Timestamp::clamped(seconds.saturating_mul(1000));
    let mut periods = Vec::new();
    for certificate in &certificates {
        let (_, certificate) = parse_x509_certificate(certificate).ok()?;
        let period = certificate.validity();
        periods.push((at(period.not_before.timestamp()), at(period.not_after.timestamp())));
    }
    let from = periods.iter().map(|(from, _)| *from);
    let until = periods.iter().map(|(_, until)| *until);
    if any { Some((from.min()?, until.max()?)) } else { Some((from.max()?, until.min()?)) }
}

#[cfg(test)]
mod tests {
    use super::of_database;

    #[test]
    fn certificates_are_found_in_a_postgres_url() {
        let named = of_database("postgres://u:p@h/d?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&sslcert=c.pem");
        assert_eq!(named, [("sslrootcert", "/etc/ca.pem".to_owned()), ("sslcert", "c.pem".to_owned())]);
        assert_eq!(of_database("sqlite://deskgraph.db?mode=rwc"), []);
    }
}
