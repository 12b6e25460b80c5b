//! The CPU time of processes, from `/proc`.

#![allow(dead_code, reason = "each benchmark uses a part of it")]

use std::{fs, time::Duration};

use sea_orm::{ConnectionTrait, Database, Statement};

/// A tick of the counters, which Linux reports in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// The CPU time of a process so far.
pub(crate) fn of_process(id: u32) -> Duration {
    Stat::of(id).map(|stat| stat.own).unwrap_or_default()
}

/// A process and its children.
pub(crate) fn family(id: u32) -> Vec<u32> {
    let ids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let is_child = |other: &u32| Stat::of(*other).is_some_and(|stat| stat.parent == id);
    std::iter::once(id).chain(ids.filter(is_child)).collect()
}

/// The CPU time of a process and its children so far, including children that have ended.
pub(crate) fn of_family(id: u32) -> Duration {
    let ended = Stat::of(id).map(|stat| stat.ended_children).unwrap_or_default();
    ended + family(id).into_iter().map(of_process).sum::<Duration>()
}

/// The CPU time of child processes that have ended and were waited for.
pub(crate) fn of_ended_children() -> Duration {
    Stat::of(std::process::id()).map(|stat| stat.ended_children).unwrap_or_default()
}

/// The processes of a database server on this machine.
#[derive(Clone, Copy)]
pub(crate) struct Server {
    postmaster: u32,
}

impl Server {
    /// Those of the server at a URL; `None` if they are not visible from here.
    pub(crate) async fn at(url: &str) -> Option<Self> {
        let db = Database::connect(url).await.unwrap();
        let statement = Statement::from_string(db.get_database_backend(), "SELECT pg_backend_pid() AS id");
        let id: i32 = db.query_one_raw(statement).await.unwrap()?.try_get("", "id").unwrap();
        let stat = Stat::of(u32::try_from(id).unwrap())?;
        db.close().await.unwrap();
        (stat.name == "postgres").then_some(Self { postmaster: stat.parent })
    }

    /// Their CPU time so far, including processes that have ended.
    pub(crate) fn so_far(self) -> Duration {
        of_family(self.postmaster)
    }
}

struct Stat {
    name: String,
    parent: u32,
    own: Duration,
    ended_children: Duration,
}

impl Stat {
    /// `None` where there is no such process.
    fn of(id: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name is in parentheses and may itself contain any.
        let (before, rest) = stat.rsplit_once(") ")?;
        let (_, name) = before.split_once('(')?;
        let fields: Vec<&str> = rest.split(' ').collect();
        // Numbered as in proc(5), where the field after the name is the third.
        let ticks = |field: usize| fields[field - 3].parse::<u32>().ok().map(|ticks| TICK * ticks);
        Some(Self {
            name: name.to_owned(),
            parent: fields[1].parse().ok()?,
            own: ticks(14)? + ticks(15)?,
            ended_children: ticks(16)? + ticks(17)?,
        })
    }
}
