using System.Security.Cryptography;
using System.Text;

namespace Kybernet.Cluster;

/// <summary>Where everything of one cluster is on this machine. Two clusters have two data directories and share nothing.</summary>
public sealed class DataDirectory
{
    /// <summary>Where a cluster is unless told otherwise.</summary>
    public const string Default = "/var/lib/kybernet";

    /// <summary>Names the paths of a cluster; touches no disk.</summary>
    /// <param name="path">The data directory, absolute or relative to where the program was started.</param>
    public DataDirectory(string path)
    {
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        Identity = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..8];
        // Sockets must have short paths (108 bytes at the most), and go with the machine's power: hence not in the data directory, for root.
        Run = Environment.IsPrivilegedProcess ? $"/run/kybernet-{Identity}" : In("run");
    }

    /// <summary>The directory itself.</summary>
    public string Root { get; }

    /// <summary>Eight hexadecimal digits that tell this cluster's interfaces, tables and cgroups from another's.</summary>
    public string Identity { get; }

    /// <summary>Sockets and mounts, gone with a restart of the machine.</summary>
    public string Run { get; }

    /// <summary>The administrator's kubeconfig.</summary>
    public string Kubeconfig => In("admin.kubeconfig");

    /// <summary>What the background process writes.</summary>
    public string Log => In("log/kybernet.log");

    internal string ContainerdLog => In("log/containerd.log");

    internal string Pki => In("pki");

    internal string State => In("state");

    internal string Settings => In("cluster.json");

    /// <summary>What a joined node knows of its cluster.</summary>
    internal string AgentSettings => In("agent.json");

    /// <summary>What a joined node shows the API server: certificate and key.</summary>
    internal string KubeletCertificate => In("pki/kubelet-client-current.pem");

    /// <summary>What a joined node's kubelet shows its callers.</summary>
    internal string KubeletServingCertificate => In("pki/kubelet-server-current.pem");

    internal string KubeletKubeconfig => In("kubelet.kubeconfig");

    internal string LockFile => In("kybernet.lock");

    internal string PidFile => In("kybernet.pid");

    internal string Images => In("images");

    internal string ImageRecipes => In("images/recipes.sha256");

    internal string Kubelet => In("kubelet");

    internal string CniConfiguration => In("cni/net.d");

    internal string CniTemplate => In("cni/10-kybernet.conflist.template");

    internal string CniState => In("cni/networks");

    internal string ContainerdRoot => In("containerd");

    internal string ContainerdConfiguration => In("containerd.toml");

    internal string ContainerdState => Path.Combine(Run, "containerd");

    internal string ContainerdSocket => Path.Combine(Run, "containerd.sock");

    internal string ContainerdPid => Path.Combine(Run, "containerd.pid");

    /// <summary>The steps that a background <c>up</c> has taken, for the one who waits for it.</summary>
    internal string Steps => Path.Combine(Run, "up.steps");

    /// <summary>The cgroup, relative to each hierarchy's root, that holds every pod of this cluster.</summary>
    internal string CgroupRoot => $"/kybernet-{Identity}";

    private string In(string relative) => Path.Combine(Root, relative);
}
