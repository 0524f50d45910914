using System.Diagnostics;
using System.IO.Pipes;
using Kybernet.Kubelet.DBus;

namespace Kybernet.Kubelet.Tests.Shutdown;

/// <summary>A bus of the test's own, and on it what systemd-logind does for whoever holds shutdowns up.</summary>
internal sealed class FakeLogind : IAsyncDisposable
{
    private const string Manager = "org.freedesktop.login1.Manager";

    private readonly string _folder = Directory.CreateTempSubdirectory("kybernet-bus-").FullName;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<AnonymousPipeServerStream> _locks = [];
    private Process? _daemon;
    private DBusConnection? _bus;
    private Task _answering = Task.CompletedTask;

    public string Address => $"unix:path={_folder}/bus";

    public string ConfigurationFolder => Path.Combine(_folder, "logind.conf.d");

    /// <summary>How many locks were ever asked for.</summary>
    public int Locks
    {
        get
        {
            lock (_locks)
            {
                return _locks.Count;
            }
        }
    }

    /// <summary>What the last lock was asked for with.</summary>
    public string LockedBy { get; private set; } = "";

    public static async Task<FakeLogind> StartAsync(CancellationToken cancellationToken)
    {
        var logind = new FakeLogind();
        logind._daemon = Process.Start(new ProcessStartInfo("dbus-daemon", ["--session", "--nofork", "--nopidfile", $"--address={logind.Address}"]))!;
        for (var started = TimeProvider.System.GetTimestamp(); !File.Exists(Path.Combine(logind._folder, "bus"));)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), "dbus-daemon does not start");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
        logind._bus = await DBusConnection.OpenAsync(logind.Address, cancellationToken);
        foreach (var name in (string[])["org.freedesktop.login1", "org.freedesktop.systemd1"])
        {
            var request = DBusConnection.Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName");
            await logind._bus.CallAsync(request with { Signature = "su", Body = new DBusWriter().Text(name).UInt32(0).Written }, cancellationToken);
        }
        logind._answering = logind.AnswerAsync(logind._ending.Token);
        return logind;
    }

    /// <summary>Tells everyone that the machine is about to be shut down, or no longer.</summary>
    public Task AnnounceAsync(bool begins, CancellationToken cancellationToken) => _bus!.SendAsync(
        new DBusMessage(DBusMessageType.Signal)
        {
            Path = "/org/freedesktop/login1", Interface = Manager, Member = "PrepareForShutdown", Signature = "b", Body = new DBusWriter().Boolean(begins).Written,
        },
        cancellationToken);

    /// <summary>Waits until a lock is given back.</summary>
    public async Task WaitReleasedAsync(int number, CancellationToken cancellationToken)
    {
        AnonymousPipeServerStream pipe;
        lock (_locks)
        {
            pipe = _locks[number];
        }
        Assert.Equal(0, await pipe.ReadAsync(new byte[1], cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(120), TimeProvider.System, cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _bus?.Dispose();
        _locks.ForEach(static pipe => pipe.Dispose());
        if (_daemon is not null)
        {
            _daemon.Kill();
            await _daemon.WaitForExitAsync();
            _daemon.Dispose();
        }
        _ending.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var call = await _bus!.NextAsync(cancellationToken);
            var reply = new DBusMessage(DBusMessageType.MethodReturn) { Destination = call.Sender, ReplySerial = call.Serial };
            switch (call.Member)
            {
                case "Get":
                    await _bus.SendAsync(reply with { Signature = "v", Body = new DBusWriter().Signature("t").UInt64(Delay()).Written }, cancellationToken);
                    break;
                case "KillUnit":
                    await _bus.SendAsync(reply, cancellationToken);
                    break;
                case "Inhibit":
                    GiveLock(call, reply);
                    break;
            }
        }
    }

    // Five seconds, unless it is configured otherwise.
    private ulong Delay()
    {
        const string setting = "InhibitDelayMaxSec=";
        var file = Path.Combine(ConfigurationFolder, "99-kubelet.conf");
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(static line => line.StartsWith(setting, StringComparison.Ordinal)) : null;
        return (line is null ? 5 : ulong.Parse(line[setting.Length..], null)) * 1_000_000;
    }

    private void GiveLock(DBusMessage call, DBusMessage reply)
    {
        var asked = new DBusReader(call);
        LockedBy = $"{asked.Text()} {asked.Text()} {asked.Text()} {asked.Text()}";
        var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        var bytes = DBusEncoding.Encode(reply with { Serial = uint.MaxValue, Signature = "h", FileCount = 1, Body = new DBusWriter().UInt32(0).Written });
        SocketFileSender.Send(_bus!.Handle, bytes.Span, pipe.ClientSafePipeHandle);
        pipe.DisposeLocalCopyOfClientHandle();
        lock (_locks)
        {
            _locks.Add(pipe);
        }
    }
}
