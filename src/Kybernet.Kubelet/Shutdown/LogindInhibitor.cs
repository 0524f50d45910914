using Kybernet.Kubelet.DBus;
using Microsoft.Win32.SafeHandles;

namespace Kybernet.Kubelet.Shutdown;

/// <summary>
/// Holds shutdowns up by a delay inhibitor of systemd-logind (systemd: Inhibitor Locks): 1. an open file is the lock; 2. logind says by a signal that a
/// shutdown is wanted, and waits for the file to be closed, though no longer than it is configured to; 3. the lock is taken anew when it is called off.
/// </summary>
/// <param name="address">The system's bus.</param>
/// <param name="configuration">The folder of logind's additional configuration.</param>
internal sealed class LogindInhibitor(string address, string configuration) : IShutdownInhibitor
{
    /// <summary>Where the system's bus is, unless the environment says otherwise.</summary>
    public const string SystemBus = "unix:path=/run/dbus/system_bus_socket";

    /// <summary>Where logind's additional configuration is.</summary>
    public const string ConfigurationFolder = "/etc/systemd/logind.conf.d";

    private const string Logind = "org.freedesktop.login1";
    private const string LogindPath = "/org/freedesktop/login1";
    private const string Manager = "org.freedesktop.login1.Manager";
    private const string Signal = "PrepareForShutdown";
    private const int HangUp = 1;

    public async Task RunAsync(TimeSpan needed, Func<bool, CancellationToken, Task> announced, CancellationToken cancellationToken)
    {
        using var bus = await DBusConnection.OpenAsync(address, cancellationToken);
        await EnsureDelayAsync(bus, needed, cancellationToken);
        await bus.AddMatchAsync($"type='signal',interface='{Manager}',member='{Signal}',path='{LogindPath}'", cancellationToken);
        var held = await InhibitAsync(bus, cancellationToken);
        try
        {
            while (true)
            {
                if (await bus.NextAsync(cancellationToken) is not { Type: DBusMessageType.Signal, Member: Signal, Signature: "b" } signal)
                {
                    continue;
                }
                var begins = new DBusReader(signal).Boolean();
                await announced(begins, cancellationToken);
                held.Dispose();
                if (!begins)
                {
                    held = await InhibitAsync(bus, cancellationToken);
                }
            }
        }
        finally
        {
            held.Dispose();
        }
    }

    private static async Task<SafeFileHandle> InhibitAsync(DBusConnection bus, CancellationToken cancellationToken)
    {
        var body = new DBusWriter().Text("shutdown").Text("kubelet").Text("Kubelet needs time to handle node shutdown").Text("delay").Written;
        var reply = await bus.CallAsync(DBusConnection.Call(Logind, LogindPath, Manager, "Inhibit") with { Signature = "ssss", Body = body }, cancellationToken);
        return reply.Files is [var file, ..] ? file : throw new DBusException("logind gives no lock");
    }

    private async Task EnsureDelayAsync(DBusConnection bus, TimeSpan needed, CancellationToken cancellationToken)
    {
        if (await ReadDelayAsync(bus, cancellationToken) >= needed)
        {
            return;
        }
        Directory.CreateDirectory(configuration);
        var text = $"# Written by the kubelet, whose pods need this long to end.\n[Login]\nInhibitDelayMaxSec={needed.TotalSeconds:0}\n";
        await File.WriteAllTextAsync(Path.Combine(configuration, "99-kubelet.conf"), text, cancellationToken);
        var reload = DBusConnection.Call("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "KillUnit") with
        {
            Signature = "ssi", Body = new DBusWriter().Text("systemd-logind.service").Text("all").Int32(HangUp).Written,
        };
        await bus.CallAsync(reload, cancellationToken);
        if (await ReadDelayAsync(bus, cancellationToken) is var delay && delay < needed)
        {
            throw new DBusException(
                $"node shutdown manager was unable to update logind InhibitDelayMaxSec to {needed.TotalSeconds:0}s (ShutdownGracePeriod), "
                + $"current value of InhibitDelayMaxSec ({delay.TotalSeconds:0}s) is less than requested ShutdownGracePeriod");
        }
    }

    private static async Task<TimeSpan> ReadDelayAsync(DBusConnection bus, CancellationToken cancellationToken)
    {
        var body = new DBusWriter().Text(Manager).Text("InhibitDelayMaxUSec").Written;
        var reply = await bus.CallAsync(
            DBusConnection.Call(Logind, LogindPath, "org.freedesktop.DBus.Properties", "Get") with { Signature = "ss", Body = body }, cancellationToken);
        var reader = new DBusReader(reply);
        return reader.Signature() == "t"
            ? TimeSpan.FromMicroseconds(Math.Min(reader.UInt64(), (ulong)TimeSpan.FromDays(365).TotalMicroseconds))
            : throw new DBusException("InhibitDelayMaxUSec from logind is not a uint64 as expected");
    }
}
