using System.Globalization;
using Kybernet.Cluster.Node;
using Kybernet.Cluster.Processes;

namespace Kybernet.Cluster;

/// <summary>
/// Takes a cluster down: its process, its pods, its containerd, and everything that they leave in the machine. What is stored
/// (objects, certificates, images) stays in the data directory, and the next start goes on from it.
/// </summary>
/// <param name="data">Which cluster.</param>
/// <param name="steps">Is told of the steps.</param>
/// <param name="time">The clock.</param>
public sealed class ClusterTeardown(DataDirectory data, IStepReporter steps, TimeProvider time)
{
    /// <summary>How long pods may take to end when asked.</summary>
    private static readonly TimeSpan PodPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ProcessPatience = TimeSpan.FromSeconds(15);

    /// <summary>Takes it down. Running it twice, or after a crash or a restart of the machine, does what is left to do.</summary>
    /// <returns>Whether anything was running.</returns>
    /// <exception cref="ClusterException">It needs root, or something could not be undone.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var process = ClusterLock.RunningProcess(data);
        var hasNode = Directory.Exists(data.ContainerdState) || Directory.Exists($"/run/kybernet-{data.Identity}/containerd");
        if (hasNode && !Environment.IsPrivilegedProcess)
        {
            throw new ClusterException("taking a node down needs root") { Hint = "sudo ./kybernet down" + ClusterLock.Flag(data) };
        }

        if (process is { } pid)
        {
            await steps.RunAsync(time, "control plane", async () =>
            {
                await Daemon.StopAsync(pid, ProcessPatience, time, cancellationToken);
                return string.Create(CultureInfo.InvariantCulture, $"process {pid} stopped");
            });
        }
        if (hasNode)
        {
            await TakeNodeDownAsync(cancellationToken);
        }

        if (File.Exists(data.PidFile))
        {
            File.Delete(data.PidFile);
        }
        if (Directory.Exists(data.Run))
        {
            Directory.Delete(data.Run, recursive: true);
        }
        return process is not null || hasNode;
    }

    private async Task TakeNodeDownAsync(CancellationToken cancellationToken)
    {
        var containerd = new Containerd(data, time);
        await steps.RunAsync(time, "pods", async () =>
        {
            await ControlGroups.StopProcessesAsync(data.CgroupRoot, PodPatience, time, cancellationToken);
            // One that crashed is started once more: it alone knows what its containers mounted.
            await containerd.StartAsync(cancellationToken);
            var count = await containerd.RemoveContainersAsync(cancellationToken);
            return string.Create(CultureInfo.InvariantCulture, $"{count} containers stopped");
        });
        await steps.RunAsync(time, "containerd", async () =>
        {
            await containerd.StopAsync(cancellationToken);
            return "stopped";
        });
        await steps.RunAsync(time, "clean-up", async () =>
        {
            await MountTable.UnmountBelowAsync(data.Run, cancellationToken);
            await MountTable.UnmountBelowAsync(data.ContainerdRoot, cancellationToken);
            await MountTable.UnmountBelowAsync(data.Kubelet, cancellationToken);
            await PodNetwork.RemoveAsync(data, cancellationToken);
            NetworkClaims.Release(data);
            await ControlGroups.RemoveAsync(data.CgroupRoot, time, cancellationToken);
            return "mounts, network and control groups removed";
        });
    }
}
