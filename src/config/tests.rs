//! The settings as a whole: they agree with the manual, and invalid ones are refused.

use std::collections::{BTreeMap, BTreeSet};

use figment::{
    Figment,
    providers::{Format, Toml},
};

use super::{Config, DEFAULTS, Overrides, hide_password};

pub(super) fn load_from(toml: &str) -> Result<Config, super::Error> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.toml");
    std::fs::write(&file, toml).unwrap();
    Config::load(&Overrides { file: Some(file), ..Overrides::default() })
}

/// The manual as a settings file with every section. Optional sections are comments there and are uncommented here.
fn all_sections() -> String {
    let is_commented_out = |line: &str| line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| is_key(key));
    DEFAULTS
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if is_commented_out(setting) => setting,
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn is_key(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// All settings with their values, by path.
fn settings(toml: &str) -> BTreeMap<String, toml::Value> {
    fn collect(path: &str, table: &toml::Table, settings: &mut BTreeMap<String, toml::Value>) {
        for (key, value) in table {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            match value {
                toml::Value::Table(table) => collect(&path, table, settings),
                value => drop(settings.insert(path, value.clone())),
            }
        }
    }
    let mut settings = BTreeMap::new();
    collect("", &toml::from_str(toml).unwrap(), &mut settings);
    settings
}

/// The sections and subsections of the manual.
fn sections() -> BTreeSet<String> {
    settings(&all_sections()).keys().filter_map(|path| Some(path.rsplit_once('.')?.0.to_owned())).collect()
}

#[test]
fn every_field_has_a_key_with_its_default_and_every_key_is_a_field() {
    let with_all: Config = Figment::from(Toml::string(&all_sections())).extract().unwrap();
    assert_eq!(settings(&all_sections()), settings(&toml::to_string(&with_all).unwrap()));
}

#[test]
fn an_optional_section_has_the_defaults_in_the_manual() {
    // The other optional sections have examples in the manual, not defaults.
    let optional = ["webhooks.hmac", "webhooks.standard", "webhooks.token"];
    let examples = ["auth.jwt", "roles.agent", "roles.agent.limits"];
    let is_off = |section: &String| !DEFAULTS.contains(&format!("\n[{section}]\n"));
    assert_eq!(sections().into_iter().filter(is_off).collect::<Vec<_>>(), [examples, optional].concat());
    let empty = optional.map(|section| format!("[{section}]\n")).concat();
    let with_all: Config = Figment::from(Toml::string(DEFAULTS)).merge(Toml::string(&empty)).extract().unwrap();
    let mut manual = settings(&all_sections());
    manual.retain(|path, _| !examples.iter().any(|section| path.starts_with(section)));
    assert_eq!(manual, settings(&toml::to_string(&with_all).unwrap()));
}

#[test]
fn tokens_have_the_defaults_in_the_manual() {
    let config: Config = Figment::from(Toml::string(&all_sections())).extract().unwrap();
    let jwt = config.auth.jwt.unwrap();
    let defaults = super::auth::Jwt { issuer: jwt.issuer.clone(), jwks_url: jwt.jwks_url.clone(), ..Default::default() };
    assert_eq!(format!("{jwt:?}"), format!("{:?}", super::auth::Jwt { audience: jwt.audience.clone(), ..defaults }));
}

#[test]
fn every_key_has_a_comment() {
    let manual = all_sections();
    let mut before = "";
    for line in manual.lines() {
        assert!(!line.contains(" = ") || line.starts_with('#') || before.starts_with('#'), "{line}");
        before = line;
    }
}

#[test]
fn an_unknown_key_is_refused_by_name_in_every_section() {
    for section in sections() {
        let error = load_from(&format!("[{section}]\nlisten_on = \"x\"")).unwrap_err().to_string();
        assert!(error.contains("listen_on") && error.contains(section.as_str()), "{error}");
    }
    let error = load_from("[listener]\nport = 1").unwrap_err().to_string();
    assert!(error.contains("listener"), "{error}");
}

#[test]
fn a_non_loopback_address_requires_authentication_or_insecure() {
    let error = load_from("[server]\nlisten = \"0.0.0.0:80\"").unwrap_err().to_string();
    assert!(error.contains("--insecure"), "{error}");
    assert!(load_from("[server]\nlisten = \"0.0.0.0:80\"\ninsecure = true").is_ok());
    let (clients, webhooks) = ("[roles.lead]\n", "[webhooks.token]\ntokens = [\"123456789012345678901234\"]\n");
    let load = |sections: &str| load_from(&format!("{sections}[server]\nlisten = \"0.0.0.0:80\""));
    let error = |sections| load(sections).unwrap_err().to_string();
    assert!(error(clients).contains("[webhooks.standard]") && !error(clients).contains("[roles.NAME]"));
    assert!(error(webhooks).contains("[roles.NAME]") && !error(webhooks).contains("[webhooks.standard]"));
    assert!(load(&format!("{clients}{webhooks}")).is_ok());
}

#[test]
fn flags_override_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.toml");
    std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:1\"").unwrap();
    let overrides = Overrides { file: Some(file), listen: Some("127.0.0.1:2".parse().unwrap()), ..Overrides::default() };
    assert_eq!(Config::load(&overrides).unwrap().server.listen.port(), 2);
}

#[test]
fn an_unknown_time_zone_is_refused_by_name() {
    let error = load_from("[crm]\ntime_zone = \"Asia/Saigon_City\"").unwrap_err().to_string();
    assert!(error.contains("Asia/Saigon_City"), "{error}");
}

#[test]
fn a_file_that_is_not_toml_is_refused_by_line_and_not_quoted() {
    for broken in ["\"secret-in-words", "secret-in-words", "[\"x\", secret-in-words]", "'secret-in-words' x"] {
        let error = load_from(&format!("[webhooks.token]\ntokens = {broken}\n")).unwrap_err().to_string();
        assert!(error.contains("test.toml") && error.contains("line 2"), "{error}");
        assert!(!error.contains("secret") && error.lines().count() == 1, "{error}");
    }
}

#[test]
fn passwords_are_not_shown() {
    assert_eq!(hide_password("postgres://desk:p@ss@db.example/x"), "postgres://desk:***@db.example/x");
    assert_eq!(hide_password("sqlite://a.db"), "sqlite://a.db");
}
