//! A mail provider of the tests' own: Postfix takes mails and sends them on, Dovecot keeps them and lets them be read.
//!
//! Whoever it is asked about has a mailbox at it: `anything@shop.test` and `anything@example.test`, the password is
//! [`MailHost::PASSWORD`], and `anything+more@` is delivered to `anything@`. What Postfix cannot deliver comes back as a
//! report: nobody is at `gone.test`. `refused@shop.test` it refuses at once, `later@shop.test` for the time being.
//!
//! Postfix runs only as root; so does this.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use crate::process::{Ending, PORTS_TRIED, Server, free_port, is_root, run, strings, wait_until};

/// A running Postfix and Dovecot; dropping it ends both and removes their folders.
pub struct MailHost {
    dir: PathBuf,
    ports: Ports,
    authority: Vec<u8>,
    dovecot: Option<Server>,
    postfix: Option<Server>,
}

#[derive(Clone, Copy)]
struct Ports {
    imap: u16,
    imaps: u16,
    lmtp: u16,
    auth: u16,
    smtp: u16,
    submission: u16,
    submissions: u16,
}

impl MailHost {
    pub const PASSWORD: &str = "secret";

    /// The one that all tests of this process share; each uses mailboxes of its own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<MailHost> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Whether there can be one here. Where everything is to be proven (`CI`) there has to be: what is left out unseen proves
    /// nothing.
    #[expect(clippy::disallowed_methods, reason = "whether this is CI only the environment says")]
    pub fn can_run() -> bool {
        let can = is_root();
        assert!(can || std::env::var_os("CI").is_none(), "the tests of mail servers need root");
        can
    }

    /// One of its own, for tests that stop it.
    pub fn start() -> Self {
        assert!(is_root(), "Postfix runs only as root");
        for _ in 0..PORTS_TRIED {
            let mut host = Self::stopped();
            if host.comes_up() {
                return host;
            }
        }
        panic!("the mail servers do not start: are dovecot-imapd, dovecot-lmtpd and postfix installed?")
    }

    /// In the clear, with STARTTLS.
    pub fn imap_port(&self) -> u16 {
        self.ports.imap
    }

    pub fn imaps_port(&self) -> u16 {
        self.ports.imaps
    }

    /// Where other providers bring mails: without user names.
    pub fn smtp_port(&self) -> u16 {
        self.ports.smtp
    }

    /// For those who have a mailbox: in the clear, with STARTTLS.
    pub fn submission_port(&self) -> u16 {
        self.ports.submission
    }

    /// The same with TLS from the first byte.
    pub fn submissions_port(&self) -> u16 {
        self.ports.submissions
    }

    /// Who signed the certificates for `localhost`, in DER.
    pub fn authority(&self) -> Vec<u8> {
        self.authority.clone()
    }

    /// Where the mails of a mailbox lie (a Maildir): what is put into its `new` is in the mailbox.
    pub fn maildir(&self, user: &str) -> PathBuf {
        self.dir.join("mail").join(user)
    }

    /// Ends the servers that mails are read from; connections break, mails stay.
    pub fn stop_imap(&mut self) {
        if let Some(server) = self.dovecot.take() {
            // Its children hold the ports, and let those who are reading finish. The parent first, so that it makes no more.
            server.signal("STOP");
            server.signal_children("KILL");
            server.end();
            let gone = wait_until(|| TcpStream::connect((Ipv4Addr::LOCALHOST, self.ports.imap)).is_err());
            assert!(gone, "Dovecot does not end");
        }
    }

    /// Starts them again on the same ports, as soon as these are free: a child of the one before that is not quite gone
    /// holds them, and on a busy machine that takes its time.
    pub fn start_imap(&mut self) {
        let up = wait_until(|| self.dovecot_comes_up());
        assert!(up, "Dovecot does not answer: {}", self.last_words());
    }

    /// What Dovecot wrote into its log at last.
    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.dir.join("dovecot/log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(5).collect();
        lines.join(" | ")
    }

    fn stopped() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder").keep();
        let ports = Ports {
            imap: free_port(),
            imaps: free_port(),
            lmtp: free_port(),
            auth: free_port(),
            smtp: free_port(),
            submission: free_port(),
            submissions: free_port(),
        };
        let authority = certificates(&dir);
        folders(&dir);
        write(&dir.join("dovecot.conf"), &dovecot_conf(&dir, ports));
        write(&dir.join("postfix/main.cf"), &main_cf(&dir, ports));
        write(&dir.join("postfix/master.cf"), &master_cf(&dir, ports));
        // Postfix takes a mail before it asks; 67: nobody of this name (sysexits.h).
        write(&dir.join("nobody.sh"), "echo nobody is here; exit 67\n");
        Self { dir, ports, authority, dovecot: None, postfix: None }
    }

    /// Dovecot first: Postfix asks it who may sign in.
    fn comes_up(&mut self) -> bool {
        self.dovecot_comes_up() && self.postfix_comes_up()
    }

    fn postfix_comes_up(&mut self) -> bool {
        let config = self.dir.join("postfix").to_string_lossy().into_owned();
        let command = strings(&["/usr/lib/postfix/sbin/master", "-c", &config, "-d"]);
        let server = Server::spawn(&self.dir, &command, Ending::Terminate);
        let ours = self.name();
        let port = self.ports.submission;
        let up = wait_until(|| greets(port, &ours) || server.has_ended()) && !server.has_ended();
        self.postfix = Some(server);
        up
    }

    fn dovecot_comes_up(&mut self) -> bool {
        let config = self.dir.join("dovecot.conf").to_string_lossy().into_owned();
        let server = Server::spawn(&self.dir, &strings(&["dovecot", "-F", "-c", &config]), Ending::Kill);
        let (ours, port) = (self.name(), self.ports.imap);
        let up = wait_until(|| greets(port, &ours) || server.has_ended()) && !server.has_ended();
        // The folder of one that did not start is kept for the next.
        if up {
            self.dovecot = Some(server);
        } else {
            server.end();
        }
        up
    }

    /// By which both greet: at a port another server may answer.
    fn name(&self) -> String {
        host_name(&self.dir)
    }
}

impl Drop for MailHost {
    fn drop(&mut self) {
        drop(self.postfix.take());
        drop(self.dovecot.take());
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn host_name(dir: &Path) -> String {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    format!("h{}.test", name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase())
}

fn greets(port: u16, name: &str) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let mut greeting = [0; 512];
    let read = stream.read(&mut greeting).unwrap_or_default();
    let _ = stream.write_all(b"QUIT\r\n");
    String::from_utf8_lossy(&greeting[..read]).contains(name)
}

/// An authority and what it signed for `localhost`; its own certificate.
fn certificates(dir: &Path) -> Vec<u8> {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let key = || KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = key();
    let authority = params.self_signed(&authority_key).expect("a certificate");
    let issuer = Issuer::new(params, authority_key);
    let leaf_key = key();
    let leaf = CertificateParams::new(strings(&["localhost", "127.0.0.1"])).expect("names");
    let leaf = leaf.signed_by(&leaf_key, &issuer).expect("a certificate");
    write(&dir.join("cert.pem"), &leaf.pem());
    write(&dir.join("key.pem"), &leaf_key.serialize_pem());
    authority.der().to_vec()
}

/// With the owners that the servers insist on.
fn folders(dir: &Path) {
    let make = |owner: &str, group: &str, mode: &str, names: &[&str]| {
        let mut command = strings(&["install", "-d", "-o", owner, "-g", group, "-m", mode]);
        command.extend(names.iter().map(|name| dir.join(name).to_string_lossy().into_owned()));
        run(&command);
    };
    make("root", "root", "755", &[".", "dovecot", "postfix", "postfix/queue", "postfix/queue/pid"]);
    make("nobody", "nogroup", "755", &["mail"]);
    make("postfix", "postdrop", "710", &["postfix/queue/public"]);
    make("postfix", "postdrop", "730", &["postfix/queue/maildrop"]);
    let queues = "active bounce corrupt defer deferred flush hold incoming private saved trace";
    let queues: Vec<String> = queues.split(' ').map(|name| format!("postfix/queue/{name}")).collect();
    let mut own: Vec<&str> = queues.iter().map(String::as_str).collect();
    own.push("postfix/data");
    make("postfix", "postfix", "700", &own);
}

fn dovecot_conf(dir: &Path, ports: Ports) -> String {
    let (dir, name) = (dir.display(), host_name(dir));
    let Ports { imap, imaps, lmtp, auth, .. } = ports;
    format!(
        "base_dir = {dir}/dovecot/run
state_dir = {dir}/dovecot/state
log_path = {dir}/dovecot/log
protocols = imap lmtp
listen = 127.0.0.1
login_greeting = {name}
ssl = yes
ssl_cert = <{dir}/cert.pem
ssl_key = <{dir}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login
auth_username_format = %Ln
recipient_delimiter = +
first_valid_uid = 1
mail_location = maildir:{dir}/mail/%Ln
mail_max_userip_connections = 100
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={dir}/mail/%Ln allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
",
        password = MailHost::PASSWORD
    )
}

fn main_cf(dir: &Path, ports: Ports) -> String {
    let (dir, name) = (dir.display(), host_name(dir));
    let Ports { lmtp, auth, .. } = ports;
    format!(
        "compatibility_level = 3.6
queue_directory = {dir}/postfix/queue
data_directory = {dir}/postfix/data
maillog_file = {dir}/postfix/log
maillog_file_prefixes = {dir}
myhostname = {name}
smtpd_banner = $myhostname
inet_interfaces = 127.0.0.1
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = shop.test, example.test
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
relay_domains = gone.test
transport_maps = inline:{{gone.test=nobody:}}
recipient_delimiter = +
smtpd_recipient_restrictions = check_recipient_access inline:{{{{refused@shop.test=550 5.1.1 no such person}}, \
         {{later@shop.test=450 4.2.0 come again}}}}, permit_mynetworks, permit_sasl_authenticated, reject
message_size_limit = 60000000
virtual_mailbox_limit = 0
smtpd_tls_cert_file = {dir}/cert.pem
smtpd_tls_key_file = {dir}/key.pem
smtpd_tls_security_level = may
smtpd_error_sleep_time = 0
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_sasl_security_options = noanonymous
"
    )
}

fn master_cf(dir: &Path, ports: Ports) -> String {
    let dir = dir.display();
    let Ports { smtp, submission, submissions, .. } = ports;
    let signed_in = "-o smtpd_sasl_auth_enable=yes -o smtpd_client_restrictions=permit_sasl_authenticated,reject";
    let mut text = format!(
        "127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd {signed_in}
127.0.0.1:{submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes {signed_in}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
flush unix n - n 1000? 0 flush
postlog unix-dgram n - n - 1 postlogd
nobody unix - n n - - pipe user=nobody argv=/bin/sh {dir}/nobody.sh
"
    );
    for name in ["bounce", "defer", "trace"] {
        let _ = writeln!(text, "{name} unix - - n - 0 bounce");
    }
    for name in ["proxymap", "smtp", "showq", "error", "lmtp"] {
        let _ = writeln!(text, "{name} unix - - n - - {name}");
    }
    // One process each: of two, each would know half, and who asks the wrong one waits for seconds.
    for name in ["verify", "anvil", "scache"] {
        let _ = writeln!(text, "{name} unix - - n - 1 {name}");
    }
    text.push_str("retry unix - - n - - error\n");
    text
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
