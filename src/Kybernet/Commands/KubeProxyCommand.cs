using System.CommandLine;
using Kybernet.Cluster.ServiceProxy;

namespace Kybernet.Commands;

/// <summary><c>kybernet kube-proxy</c>: a node's service proxy alone, with upstream's flags, against any API server.</summary>
internal static class KubeProxyCommand
{
    public static Command Create(TimeProvider time)
    {
        var fallback = new ProxySettings();
        var config = new Option<string?>("--config") { Description = "A KubeProxyConfiguration (v1alpha1); of the flags only --hostname-override and --master count beside it.", HelpName = "FILE" };
        var kubeconfig = Text("--kubeconfig", "How to reach the API server; a pod's ServiceAccount unless given.", "");
        var master = Text("--master", "The API server's address, instead of the kubeconfig's.", "");
        var hostname = Text("--hostname-override", "The Node's name, where it is not the host's.", "");
        var clusterCidr = Text("--cluster-cidr", "The addresses of pods: what comes from elsewhere to a cluster address is masqueraded.", "");
        var nodePorts = new Option<string[]>("--nodeport-addresses") { Description = "The addresses that node ports are served at, or primary: the Node's own.", HelpName = "CIDR,...", DefaultValueFactory = static _ => [] };
        var mode = Text("--proxy-mode", "How packets are led: nftables.", fallback.Mode);
        var masqueradeAll = new Option<bool>("--masquerade-all") { Description = "Masquerade all that goes to cluster addresses." };
        var healthz = Text("--healthz-bind-address", "Where health checks are answered; empty for nowhere.", fallback.HealthzBindAddress);
        var metrics = Text("--metrics-bind-address", "Where metrics are served; empty for nowhere.", fallback.MetricsBindAddress);
        var command = new Command("kube-proxy", "Run a node's service proxy alone, against any API server.")
        {
            config, kubeconfig, master, hostname, clusterCidr, nodePorts, mode, masqueradeAll, healthz, metrics,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var settings = parsed.GetValue(config) is { } path
                ? ProxySettings.Load(path)
                : new ProxySettings
                {
                    Kubeconfig = parsed.GetValue(kubeconfig)!,
                    ClusterCidr = parsed.GetValue(clusterCidr)!,
                    NodePortAddresses = [.. parsed.GetValue(nodePorts)!.SelectMany(static list => list.Split(',', StringSplitOptions.TrimEntries))],
                    Mode = parsed.GetValue(mode)!,
                    MasqueradeAll = parsed.GetValue(masqueradeAll),
                    HealthzBindAddress = parsed.GetValue(healthz)!,
                    MetricsBindAddress = parsed.GetValue(metrics)!,
                };
            settings = settings with
            {
                Master = parsed.GetValue(master)!,
                HostnameOverride = parsed.GetValue(hostname) is { Length: > 0 } name ? name : settings.HostnameOverride,
            };
            return new ProxyRunner(settings, Console.Error, time).RunAsync(cancellationToken);
        });
        return command;
    }

    private static Option<string> Text(string name, string description, string fallback) =>
        new(name) { Description = description, DefaultValueFactory = _ => fallback };
}
