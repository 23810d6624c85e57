# SPDX-License-Identifier: Apache-2.0
"""perl: children in every way that it has, signals, pipes, sockets and threads come out as without us."""

from harness.look import LOOK, portraits
from harness.real import RealTest, debian, errors_of
from harness.running import run
from harness.story import main

SCRIPT = r"""
use strict; use warnings; use threads; use threads::shared; use Thread::Queue;
use IO::Socket::INET; use POSIX ":sys_wait_h"; use Time::HiRes qw(usleep ualarm);
$| = 1;
my ($look, $file) = @ARGV;
system($look, $file) == 0 or die;
print "status ", system("exit 3") >> 8, "\n";
print "backtick ", `echo word; exit 4`, "status ", $? >> 8, "\n";
my $pid = fork // die; if (!$pid) { usleep 20000; exit 5 }
waitpid $pid, 0; print "child ", $? >> 8, "\n";
open my $pipe, "-|", "sort", "-n", "/dev/null" or die; print <$pipe>; close $pipe;
open $pipe, "|-", "tr a-z A-Z" or die; print $pipe "through a pipe\n"; close $pipe;
$SIG{ALRM} = sub { die "alarm\n" };
eval { ualarm 30000; sleep 10; }; print "slept until $@";
$SIG{USR1} = sub { print "handler of $_[0]\n" }; kill USR1 => $$;
$SIG{CHLD} = "IGNORE"; system("true"); $SIG{CHLD} = "DEFAULT";
my $queue = Thread::Queue->new; my $sum : shared = 0;
my @threads = map { threads->create(sub { while (defined(my $n = $queue->dequeue)) { lock $sum; $sum += $n } }) } 1 .. 3;
$queue->enqueue(1 .. 1000); $queue->enqueue((undef) x 3); $_->join for @threads; print "sum $sum\n";
my $server = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die;
if (!($pid = fork // die)) { my $client = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $server->sockport);
	print $client "hello\n"; print "answer ", scalar <$client>; exit 0 }
my $peer = $server->accept; my $line = <$peer>; print $peer uc $line; close $peer; waitpid $pid, 0;
my $text = join " ", map { $_ ** 2 } 1 .. 20000; $text =~ s/(\d)0/$1-/g; print length $text, "\n";
print "wait without children ", wait, " $!\n";
warn "to stderr\n";
exec "sh", "-c", "echo last; exit 6";
"""


def play(prefix, folder):
    finished = run(*prefix, debian("/usr/bin/perl", "perl"), "-e", SCRIPT, LOOK, folder / "look", folder=folder)
    return {"finished": finished, "stdout": finished.stdout, "errors": errors_of(finished),
            "look": portraits(folder / "look", folder)}


class Perl(RealTest):
    def setUp(self):
        self.played = self.both_ways("perl", play)

    def test_comes_out_as_without_us(self):
        self.assertIn("sum 500500\n", self.played.bare["stdout"], f"the bare script: {self.played.bare['finished']}")
        self.assert_same_play(self.played, exit_code=6)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_children_are_recorded(self):
        names = {lane.name for lane in self.played.report.lanes}
        self.assertLessEqual({"perl", "sh", "sort", "tr"}, names)


if __name__ == "__main__":
    main()
