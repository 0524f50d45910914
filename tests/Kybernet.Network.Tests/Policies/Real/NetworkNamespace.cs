using System.Net.Sockets;
using System.Runtime.InteropServices;
using Kybernet.Network.Processes;

namespace Kybernet.Network.Tests.Policies.Real;

/// <summary>A network namespace of the test's own.</summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    private const int NetworkFlag = 0x40000000;
    private readonly string _name;

    private NetworkNamespace(string name) => _name = name;

    public string Name => _name;

    public static async Task<NetworkNamespace> CreateAsync(string name, CancellationToken cancellationToken)
    {
        await NetworkTool.RunCheckedAsync("ip", ["netns", "add", name], "", cancellationToken);
        await NetworkTool.RunCheckedAsync("ip", ["-n", name, "link", "set", "lo", "up"], "", cancellationToken);
        return new NetworkNamespace(name);
    }

    /// <summary>Runs <c>ip</c> commands in it, one a line.</summary>
    public Task IpAsync(string commands, CancellationToken cancellationToken) =>
        NetworkTool.RunCheckedAsync("ip", ["-n", _name, "-batch", "-"], commands, cancellationToken);

    /// <summary>Runs a program in it.</summary>
    public Task<string> RunAsync(string input, CancellationToken cancellationToken, params string[] command) =>
        NetworkTool.RunCheckedAsync("ip", ["netns", "exec", _name, .. command], input, cancellationToken);

    /// <summary>Makes a socket that lives in it: a socket stays in the namespace that its thread was in.</summary>
    public Socket Open(Func<Socket> make)
    {
        Socket? made = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var target = File.OpenHandle($"/run/netns/{_name}");
                if (SetNamespace((int)target.DangerousGetHandle(), NetworkFlag) != 0)
                {
                    throw new IOException($"setns failed: {Marshal.GetLastPInvokeErrorMessage()}");
                }
                made = make();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        // The thread ends afterwards, and with it its stay there.
        thread.Start();
        thread.Join();
        return made ?? throw new IOException("no socket", failure);
    }

    public async ValueTask DisposeAsync() => await NetworkTool.RunCheckedAsync("ip", ["netns", "delete", _name], "", CancellationToken.None);

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNamespace(int handle, int flags);
}
