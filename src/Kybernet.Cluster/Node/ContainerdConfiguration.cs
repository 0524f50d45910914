using Kybernet.Cluster.Images;
using Kybernet.Cluster.Processes;

namespace Kybernet.Cluster.Node;

/// <summary>Writes the configuration of a cluster's own containerd.</summary>
internal static class ContainerdConfiguration
{
    /// <summary>The file's content (version 2, which containerd 1.6, 1.7 and 2.x all read).</summary>
    public static string Format(DataDirectory data, string snapshotter, bool canLowerOomScore) =>
        $"""
        version = 2
        root = "{data.ContainerdRoot}"
        state = "{data.ContainerdState}"
        disabled_plugins = [
          "io.containerd.snapshotter.v1.aufs",
          "io.containerd.snapshotter.v1.btrfs",
          "io.containerd.snapshotter.v1.devmapper",
          "io.containerd.snapshotter.v1.zfs",
          "io.containerd.tracing.processor.v1.otlp",
          "io.containerd.internal.v1.tracing",
          "io.containerd.internal.v1.restart",
        ]

        [grpc]
          address = "{data.ContainerdSocket}"

        [plugins."io.containerd.internal.v1.opt"]
          path = "{data.ContainerdRoot}/opt"

        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "{BuiltInImages.Pause}"
          netns_mounts_under_state_dir = true
          restrict_oom_score_adj = {(canLowerOomScore ? "false" : "true")}
          stream_server_address = "127.0.0.1"
          stream_server_port = "0"
          enable_unprivileged_ports = true
          enable_unprivileged_icmp = true

        [plugins."io.containerd.grpc.v1.cri".cni]
          bin_dir = "{PodNetwork.PluginDirectory}"
          conf_dir = "{data.CniConfiguration}"
          conf_template = "{(File.Exists(data.CniTemplate) ? data.CniTemplate : "")}"

        [plugins."io.containerd.grpc.v1.cri".containerd]
          snapshotter = "{snapshotter}"
          default_runtime_name = "runc"

        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
          runtime_type = "io.containerd.runc.v2"

        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
          BinaryName = "{Tool.Find("runc")}"
          Root = "{data.Run}/runc"
          SystemdCgroup = false

        [plugins."io.containerd.grpc.v1.cri".registry]
          config_path = "{data.Root}/registries"

        """;

    /// <summary>Whether overlay file systems can be used for containers that are kept in a folder: not where the folder is on one itself.</summary>
    public static string ChooseSnapshotter(string mountInfo, string folder, string fileSystems)
    {
        if (!fileSystems.Split('\n').Any(static line => line.EndsWith("\toverlay", StringComparison.Ordinal)))
        {
            return "native";
        }

        var type = "";
        var longest = -1;
        foreach (var line in mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // id parent major:minor root mountpoint options [tags...] - type source options
            var fields = line.Split(' ');
            var separator = Array.IndexOf(fields, "-");
            var mount = fields[4];
            if (mount.Length > longest && (mount == "/" || folder == mount || folder.StartsWith(mount + "/", StringComparison.Ordinal)))
            {
                longest = mount.Length;
                type = fields[separator + 1];
            }
        }
        return type is "overlay" or "overlayfs" or "fuse" ? "native" : "overlayfs";
    }
}
