using System.Diagnostics;
using Kybernet.Kubelet.Native;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Tests.Real;

[assembly: AssemblyFixture(typeof(RuntimeFixture))]

namespace Kybernet.Kubelet.Tests.Real;

/// <summary>
/// A containerd of the tests' own: its root, state, socket, bridge and addresses are nobody else's, and all of it is gone afterwards. Started when
/// the first test asks for it.
/// </summary>
public sealed class RuntimeFixture : IAsyncDisposable
{
    public const string Image = "kybernet.test/busybox:1";

    public const string Pause = "kybernet.test/pause:1";
    private readonly SemaphoreSlim _gate = new(1);
    private readonly string _bridge = $"kt{Random.Shared.Next(0x10000):x4}{Random.Shared.Next(0x1000):x3}";
    private readonly int _subnet = Random.Shared.Next(1, 250);
    private Process? _containerd;

    public string Root { get; } = Directory.CreateTempSubdirectory("kybernet-kubelet-").FullName;

    public string Endpoint => "unix://" + Socket;

    private string NetworkFault => Path.Combine(Root, "network-is-broken");

    private string CniPlugins => Path.Combine(Root, "cni-plugins");

    private string Config => Path.Combine(Root, "config.toml");

    private string Socket => Path.Combine(Root, "containerd.sock");

    /// <summary>Starts it, unless it runs.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(System.Environment.IsPrivilegedProcess, "containers need root");
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_containerd is null)
            {
                await LaunchAsync(cancellationToken);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Has the network fail for new pods until the answer is disposed.</summary>
    public IDisposable BreakNetwork()
    {
        File.WriteAllText(NetworkFault, "");
        return new Mending(NetworkFault);
    }

    /// <summary>Kills containerd, whose containers run on, and starts it again.</summary>
    public async Task KillAndRestartAsync(CancellationToken cancellationToken)
    {
        _containerd!.Kill();
        await _containerd.WaitForExitAsync(cancellationToken);
        _containerd.Dispose();
        await RunContainerdAsync(cancellationToken);
    }

    /// <summary>Gives it an image that differs from all others.</summary>
    public Task ImportAsync(string image, CancellationToken cancellationToken) =>
        ImportAsync($"{Guid.NewGuid():N}.tar", archive => TestImage.WriteBusybox(archive, image, Guid.NewGuid().ToString()), cancellationToken);

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote.</returns>
    public static async Task<string> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}");
    }

    /// <summary>Runs containerd's own client.</summary>
    /// <returns>What it wrote.</returns>
    public Task<string> CtrAsync(string[] arguments, CancellationToken cancellationToken) =>
        RunAsync("ctr", ["--address", Socket, "--namespace", "k8s.io", .. arguments], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_containerd is not null)
        {
            using (var runtime = new CriRuntime(Endpoint))
            {
                foreach (var sandbox in await runtime.ListSandboxesAsync(null, CancellationToken.None))
                {
                    await runtime.StopSandboxAsync(sandbox.Id, CancellationToken.None);
                    await runtime.RemoveSandboxAsync(sandbox.Id, CancellationToken.None);
                }
            }
            _containerd.Kill();
            await _containerd.WaitForExitAsync(CancellationToken.None);
            _containerd.Dispose();
            EndLostShims();
            if (Directory.Exists($"/sys/class/net/{_bridge}"))
            {
                await RunAsync("ip", ["link", "delete", _bridge], CancellationToken.None);
            }
        }
        foreach (var line in await File.ReadAllLinesAsync("/proc/self/mounts"))
        {
            var path = line.Split(' ')[1];
            if (path.StartsWith(Root + "/", StringComparison.Ordinal))
            {
                LinuxCalls.UnmountIfMounted(path);
            }
        }
        Directory.Delete(Root, recursive: true);
        _gate.Dispose();
    }

    // A containerd that was killed while it started a container does not know the shim of it afterwards.
    private void EndLostShims()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(static folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "cmdline")).Contains(Socket, StringComparison.Ordinal))
                {
                    using var shim = Process.GetProcessById(int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture));
                    shim.Kill();
                }
            }
            catch (Exception exception) when (exception is IOException or ArgumentException or InvalidOperationException)
            {
                // It has ended by itself.
            }
        }
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        var cni = Directory.CreateDirectory(Path.Combine(Root, "cni")).FullName;
        await File.WriteAllTextAsync(Path.Combine(cni, "10-test.conflist"), Conflist(), cancellationToken);
        WritePlugins();
        await File.WriteAllTextAsync(Config, Configuration(cni), cancellationToken);
        await RunContainerdAsync(cancellationToken);
        await ImportAsync("pause.tar", archive => TestImage.WritePause(archive, Pause), cancellationToken);
        await ImportAsync("busybox.tar", archive => TestImage.WriteBusybox(archive, Image), cancellationToken);
    }

    // The usual ones, of which one fails when it is told to.
    private void WritePlugins()
    {
        const string real = "/usr/lib/cni";
        Directory.CreateDirectory(CniPlugins);
        foreach (var plugin in Directory.EnumerateFiles(real).Where(static file => Path.GetFileName(file) != "bridge"))
        {
            File.CreateSymbolicLink(Path.Combine(CniPlugins, Path.GetFileName(plugin)), plugin);
        }
        var bridge = Path.Combine(CniPlugins, "bridge");
        File.WriteAllText(bridge, $$"""
            #!/bin/sh
            if [ "$CNI_COMMAND" = ADD ] && [ -e {{NetworkFault}} ]; then
                echo '{ "cniVersion": "1.0.0", "code": 100, "msg": "the network is broken" }'
                exit 1
            fi
            exec {{real}}/bridge
            """);
        File.SetUnixFileMode(bridge, (UnixFileMode)0b111_101_101);
    }

    private async Task RunContainerdAsync(CancellationToken cancellationToken)
    {
        var log = Path.Combine(Root, "containerd.log");
        _containerd = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec containerd --config {Config} >>{log} 2>&1"]))!;

        using var runtime = new CriRuntime(Endpoint);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                await runtime.GetHealthAsync(deadline.Token);
                break;
            }
            catch (ContainerRuntimeException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
            }
        }
    }

    private async Task ImportAsync(string name, Action<string> write, CancellationToken cancellationToken)
    {
        var archive = Path.Combine(Root, name);
        write(archive);
        await CtrAsync(["images", "import", "--snapshotter", "native", archive], cancellationToken);
    }

    private string Conflist() =>
        $$"""
        {
          "cniVersion": "1.0.0", "name": "{{_bridge}}",
          "plugins": [
            { "type": "bridge", "bridge": "{{_bridge}}", "isGateway": true, "isDefaultGateway": true, "hairpinMode": true,
              "ipam": { "type": "host-local", "dataDir": "{{Root}}/ipam", "ranges": [[{ "subnet": "10.199.{{_subnet}}.0/24" }]] } },
            { "type": "portmap", "capabilities": { "portMappings": true } }
          ]
        }
        """;

    private string Configuration(string cni) =>
        $"""
        version = 2
        root = "{Root}/root"
        state = "{Root}/state"
        [grpc]
          address = "{Socket}"
        [plugins."io.containerd.internal.v1.opt"]
          path = "{Root}/opt"
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "{Pause}"
          netns_mounts_under_state_dir = true
          restrict_oom_score_adj = true
          stream_server_address = "127.0.0.1"
          stream_server_port = "0"
        [plugins."io.containerd.grpc.v1.cri".cni]
          bin_dir = "{CniPlugins}"
          conf_dir = "{cni}"
        [plugins."io.containerd.grpc.v1.cri".containerd]
          snapshotter = "native"
        """;

    private sealed class Mending(string fault) : IDisposable
    {
        public void Dispose() => File.Delete(fault);
    }
}
