using Kybernet.Kubelet.Native;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Plugins;

/// <summary>
/// Looks for sockets of plugins in a folder, and in the folders in it: a plugin registers when its socket is there, again when the socket was made anew,
/// and is let go when it is gone. What fails is tried again, ever more seldom.
/// </summary>
internal sealed partial class PluginWatcher(string folder, PluginRegistrar registrar, TimeProvider time, ILogger<PluginWatcher> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(122);

    // What goes while it is looked at is no failure.
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = 0 };

    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            await LookAsync(cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var seen = Sockets();
        foreach (var (path, known) in _known.ToArray())
        {
            if (!seen.TryGetValue(path, out var socket) || socket != known.Socket)
            {
                await LetGoAsync(path, known, cancellationToken);
            }
        }
        // One that answers slowly keeps nobody else waiting.
        await Task.WhenAll(seen.Select(entry => TryAsync(entry.Key, entry.Value, cancellationToken)));
    }

    private async Task LetGoAsync(string path, Known known, CancellationToken cancellationToken)
    {
        try
        {
            if (known.Registered is { } registered)
            {
                await registered.Handler.DeregisterAsync(registered.Plugin, cancellationToken);
                LogGone(registered.Handler.Type, registered.Plugin.Name);
            }
            _known.Remove(path);
        }
        catch (PluginException exception)
        {
            LogStays(path, exception.Message);
        }
    }

    private async Task TryAsync(string path, SocketFile socket, CancellationToken cancellationToken)
    {
        Known known;
        lock (_known)
        {
            known = _known.TryGetValue(path, out var before) ? before : _known[path] = new Known(socket);
        }
        if (known.Registered is not null || time.GetUtcNow() < known.RetryAt)
        {
            return;
        }
        try
        {
            known.Registered = await registrar.RegisterAsync(path, cancellationToken);
            LogRegistered(known.Registered.Handler.Type, known.Registered.Plugin.Name);
        }
        catch (PluginException exception)
        {
            LogFailed(path, exception.Message);
            known.RetryAt = time.GetUtcNow() + known.Wait;
            known.Wait = known.Wait * 2 < LastRetry ? known.Wait * 2 : LastRetry;
        }
    }

    private Dictionary<string, SocketFile> Sockets()
    {
        var sockets = new Dictionary<string, SocketFile>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", Everything))
        {
            if (!Path.GetFileName(path).StartsWith('.') && LinuxCalls.KindOf(path) == FileKind.Socket)
            {
                sockets[path] = new SocketFile(LinuxCalls.InodeOf(path), File.GetLastWriteTimeUtc(path));
            }
        }
        return sockets;
    }

    // The number alone may be given to the next file at once.
    private readonly record struct SocketFile(ulong Inode, DateTime MadeAt);

    private sealed class Known(SocketFile socket)
    {
        public SocketFile Socket => socket;

        public RegisteredPlugin? Registered { get; set; }

        public DateTimeOffset RetryAt { get; set; }

        public TimeSpan Wait { get; set; } = FirstRetry;
    }

    [LoggerMessage(LogLevel.Information, "{Type} {Name} is registered")]
    private partial void LogRegistered(string type, string name);

    [LoggerMessage(LogLevel.Information, "{Type} {Name} is gone")]
    private partial void LogGone(string type, string name);

    [LoggerMessage(LogLevel.Warning, "The plugin whose socket was {Socket} cannot be let go yet: {Problem}")]
    private partial void LogStays(string socket, string problem);

    [LoggerMessage(LogLevel.Warning, "The plugin at {Socket} is not registered: {Problem}")]
    private partial void LogFailed(string socket, string problem);
}
