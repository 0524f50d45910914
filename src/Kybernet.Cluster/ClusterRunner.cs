using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Kybernet.ApiServer.Hosting;
using Kybernet.Cluster.Hosting;
using Kybernet.Cluster.Node;
using Kybernet.Cluster.Pki;
using Kybernet.Network.Overlay;
using Microsoft.Extensions.Logging;

namespace Kybernet.Cluster;

/// <summary>Runs a whole cluster in this process: store, API server, controllers, scheduler and, with a node, the kubelet and its containerd.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="steps">Is told of the steps.</param>
/// <param name="log">Where the components log to.</param>
/// <param name="time">The clock.</param>
public sealed class ClusterRunner(UpOptions options, IStepReporter steps, TextWriter log, TimeProvider time)
{
    private const int DefaultHttpsPort = 6443;

    private const int DefaultKubeletPort = 10250;

    private const int DefaultIngressHttpPort = 80;

    private const int DefaultIngressHttpsPort = 443;

    private readonly DataDirectory _data = options.Data;

    /// <summary>Finds out, before anything is started, what would keep the cluster from starting.</summary>
    /// <exception cref="ClusterException">Something would.</exception>
    public static Task CheckAsync(UpOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (options.WithNode && !Environment.IsPrivilegedProcess)
        {
            throw new ClusterException("a node runs containers, and that needs root")
            {
                Hint = "sudo ./kybernet up ..., or only the control plane: ./kybernet up --no-node --data-dir ~/.kybernet",
            };
        }
        if (options.NodeName is { } name)
        {
            HostNetwork.CheckNodeName(name);
        }
        CheckCidr("--pod-network-cidr", options.PodCidr, longestPrefix: 24);
        CheckCidr("--service-cidr", options.ServiceCidr, longestPrefix: 28);
        options.Datastore?.ToStoreOptions(TimeProvider.System);
        CheckFlags(options.ApiServerFlags);
        _ = options.Network is { } network ? ClusterNetwork.ModeOf(network) : null;
        if (options.WithNode)
        {
            NodeRuntime.CheckTools();
        }

        ClusterLock.Take(options.Data).Dispose();
        var kept = ClusterSettings.Load(options.Data);
        CheckPort(options.HttpsPort ?? kept?.HttpsPort ?? DefaultHttpsPort);
        return Task.CompletedTask;
    }

    /// <summary>Runs the cluster until the token fires. Pods run on after that, and the next run finds them.</summary>
    /// <param name="ready">Is told once the cluster is up.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ClusterException">It cannot start.</exception>
    public async Task RunAsync(Action<RunningCluster> ready, CancellationToken cancellationToken)
    {
        using var held = ClusterLock.Take(_data);
        var settings = ChooseSettings();
        ClusterPki? pki = null;
        await steps.RunAsync(time, "certificates", () =>
        {
            pki = LoadPki(settings);
            return Task.FromResult(_data.Pki);
        });

        var server = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{settings.HttpsPort}"));
        Kubeconfig.Write(_data.Kubeconfig, server.GetLeftPart(UriPartial.Authority), pki!.ClusterAuthority.Certificate, "kubernetes-admin", pki.Administrator);
        using var logging = new LineLoggerProvider(log, LogLevel.Information, time);
        using var loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Information).AddProvider(logging));
        await new ClusterHost(_data, settings, pki, options.WithNode, steps, loggers, time).RunAsync(() => ready(new RunningCluster(server, _data.Kubeconfig, Environment.ProcessId)), cancellationToken);
    }

    private ClusterSettings ChooseSettings()
    {
        var kept = ClusterSettings.Load(_data);
        var port = options.HttpsPort ?? kept?.HttpsPort ?? DefaultHttpsPort;
        CheckPort(port);
        var settings = new ClusterSettings
        {
            NodeName = options.NodeName ?? kept?.NodeName ?? HostNetwork.NodeName(),
            HttpsPort = port,
            // The kubelet's port is nobody's to remember: one that is taken is replaced.
            KubeletPort = HostNetwork.ChoosePort(kept?.KubeletPort ?? DefaultKubeletPort),
            IngressHttpPort = options.IngressHttpPort ?? kept?.IngressHttpPort ?? DefaultIngressHttpPort,
            IngressHttpsPort = options.IngressHttpsPort ?? kept?.IngressHttpsPort ?? DefaultIngressHttpsPort,
            Network = ChooseNetwork(kept?.Network),
            Datastore = options.Datastore ?? kept?.Datastore,
            ApiServerFlags = ChooseFlags(options, kept),
        };
        if (settings != kept)
        {
            settings.Save(_data);
        }
        return settings;
    }

    private static IReadOnlyDictionary<string, string> ChooseFlags(UpOptions options, ClusterSettings? kept)
    {
        if (kept is not null && options.ApiServerFlags.Count == 0)
        {
            return kept.ApiServerFlags;
        }
        var flags = new SortedDictionary<string, string>(kept?.ApiServerFlags.ToDictionary() ?? [], StringComparer.Ordinal);
        foreach (var (name, value) in options.ApiServerFlags)
        {
            flags[name] = value;
        }
        return flags.Where(static flag => flag.Value.Length > 0).ToDictionary();
    }

    private ClusterNetwork ChooseNetwork(ClusterNetwork? kept)
    {
        var podCidr = HostNetwork.ChoosePodCidr(
            File.ReadAllText("/proc/net/route"),
            PodNetwork.OverlayName(_data),
            options.PodCidr ?? kept?.PodCidr,
            cidr => !options.WithNode || NetworkClaims.TryTake(cidr, _data));
        if (options.PodCidr is { } wanted && podCidr != wanted)
        {
            throw new ClusterException($"another network of this machine has addresses of {wanted}") { Hint = "Choose another: --pod-network-cidr CIDR" };
        }
        return new ClusterNetwork(
            podCidr,
            HostNetwork.ChooseServiceCidr(options.ServiceCidr ?? kept?.ServiceCidr, cidr => !options.WithNode || NetworkClaims.TryTake(cidr, _data)),
            kept?.Identifier ?? RandomNumberGenerator.GetInt32(1, 1 << 24),
            options.Network is { } name ? ClusterNetwork.ModeOf(name) : kept is null ? OverlayMode.Vxlan : kept.Mode);
    }

    private ClusterPki LoadPki(ClusterSettings settings) =>
        ClusterPki.LoadOrCreate(_data.Pki, new PkiSubjects(settings.NodeName, HostNetwork.Addresses(), settings.Network.ApiAddress), time);

    private static void CheckFlags(IReadOnlyDictionary<string, string> flags)
    {
        try
        {
            ApiServerFlags.Apply(new ApiServerOptions { ServiceAccountKeyPem = "" }, flags.Where(static flag => flag.Value.Length > 0));
        }
        catch (FormatException e)
        {
            throw new ClusterException(e.Message, e) { Hint = "./kybernet up --help lists the flags" };
        }
    }

    private static void CheckCidr(string option, string? cidr, int longestPrefix)
    {
        if (cidr is null)
        {
            return;
        }
        if (!IPNetwork.TryParse(cidr, out var network) || network.BaseAddress.AddressFamily != AddressFamily.InterNetwork || network.PrefixLength > longestPrefix)
        {
            throw new ClusterException($"\"{cidr}\" is no network for {option}")
            {
                Hint = string.Create(CultureInfo.InvariantCulture, $"It is an IPv4 network of /{longestPrefix} or larger, written by its first address, as in 10.244.0.0/16."),
            };
        }
    }

    private static void CheckPort(int port)
    {
        if (!HostNetwork.IsFree(port))
        {
            throw new ClusterException(string.Create(CultureInfo.InvariantCulture, $"port {port} is in use"))
            {
                Hint = "Choose another: --https-port N",
            };
        }
    }
}
