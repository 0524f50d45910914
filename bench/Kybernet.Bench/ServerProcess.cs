using System.Diagnostics;
using System.Globalization;

namespace Kybernet.Bench;

/// <summary>A server under test, in a process of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, int port, int startup)
    {
        _process = process;
        Port = port;
        StartupMilliseconds = startup;
    }

    public int Port { get; }

    /// <summary>From the start of the process until it listens.</summary>
    public int StartupMilliseconds { get; }

    public long ResidentMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1024 / 1024;
        }
    }

    /// <summary>What it has spent so far, in the kernel and outside.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<ServerProcess> StartAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        var words = line?.Split(' ') ?? [];
        return words is ["listening", var port, var startup]
            ? new ServerProcess(process, int.Parse(port, CultureInfo.InvariantCulture), int.Parse(startup, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"the server did not start: {line}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
