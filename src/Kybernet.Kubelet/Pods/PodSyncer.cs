using System.Net;
using Kybernet.Client;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Runtime.Cri;
using Kybernet.Kubelet.Sandboxes;
using Kybernet.Kubelet.Volumes;
using Pod = Kybernet.Api.Core.V1.Pod;

namespace Kybernet.Kubelet.Pods;

/// <summary>Does what a plan says: sandbox, volumes, containers.</summary>
internal sealed class PodSyncer(PodServices services, ContainerStarter starter, ContainerKiller killer, PodResizer resizer)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(10);

    // What a volume waits for, such as a ConfigMap, often comes soon; what does not is not asked for all the time.
    private static readonly TimeSpan FirstMountRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LastMountRetry = TimeSpan.FromSeconds(122);

    private TimeSpan _mountRetry = FirstMountRetry;

    /// <summary>Carries a plan out as far as it goes.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="state">What the plan was made from.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="problems">Why containers do not start: entries are added and removed.</param>
    /// <param name="cancellationToken">Ends it when the pod is to end.</param>
    /// <returns>When to try again what did not work; null where all did.</returns>
    public async Task<TimeSpan?> ApplyAsync(
        Pod pod, PodRuntimeState state, PodPlan plan, Dictionary<string, StartProblem> problems, CancellationToken cancellationToken)
    {
        await Task.WhenAll(plan.ToKill.Select(kill => KillAsync(pod, state, kill, cancellationToken)));
        if (!await resizer.ApplyAsync(pod, plan.ToResize, cancellationToken))
        {
            return Retry;
        }
        if (!plan.CreateSandbox && plan.ToStart.Count == 0)
        {
            return null;
        }
        PrepareNode(pod);
        var sandbox = plan.Sandbox;
        try
        {
            // Volumes come first, as the sandbox's network is of no use without them; what shows the pod's address is brought up to date below.
            await services.Volumes.PrepareAsync(pod, services.AddressesOf(pod, sandbox), services.Node, cancellationToken);
            if (plan.CreateSandbox)
            {
                sandbox = await CreateSandboxAsync(pod, state, plan, cancellationToken);
                return sandbox is null ? Retry : TimeSpan.Zero;
            }
            WriteHostsFile(pod, sandbox!);
            if (services.Options.AdmitToNetwork is { } admit && pod.Spec.HostNetwork != true)
            {
                await admit(pod, [.. sandbox!.Addresses.Select(IPAddress.Parse)], cancellationToken);
            }
            var volumes = await services.Volumes.PrepareAsync(pod, services.AddressesOf(pod, sandbox), services.Node, cancellationToken);
            _mountRetry = FirstMountRetry;
            return await StartAsync(new StartContext(pod, sandbox!, services.Sandboxes.Build(pod, plan.Attempt), state, volumes), plan, problems, cancellationToken);
        }
        catch (VolumeException exception)
        {
            services.Events.Warning(pod, "FailedMount", exception.Message);
            var retry = _mountRetry;
            _mountRetry = retry * 2 < LastMountRetry ? retry * 2 : LastMountRetry;
            return retry;
        }
    }

    /// <summary>Brings the files of volumes up to date.</summary>
    public async Task RefreshVolumesAsync(Pod pod, SandboxRecord? sandbox, CancellationToken cancellationToken)
    {
        try
        {
            await services.Volumes.PrepareAsync(pod, services.AddressesOf(pod, sandbox), services.Node, cancellationToken);
        }
        catch (VolumeException exception)
        {
            services.Events.Warning(pod, "FailedMount", exception.Message);
        }
    }

    private async Task<TimeSpan?> StartAsync(
        StartContext context, PodPlan plan, Dictionary<string, StartProblem> problems, CancellationToken cancellationToken)
    {
        TimeSpan? retry = null;
        foreach (var container in plan.ToStart)
        {
            try
            {
                await starter.StartAsync(context, container, cancellationToken);
                problems.Remove(container.Name);
            }
            catch (ContainerStartException exception)
            {
                problems[container.Name] = new StartProblem(exception.Reason, exception.Message);
                var after = exception.RetryAfter is { } own && own < Retry ? own : Retry;
                retry = retry is { } earlier && earlier < after ? earlier : after;
            }
        }
        return retry;
    }

    private void PrepareNode(Pod pod)
    {
        var uid = pod.Metadata.Uid ?? "";
        const UnixFileMode rootOnly = (UnixFileMode)0b111_101_000;
        Directory.CreateDirectory(services.Paths.Pod(uid), rootOnly);
        Directory.CreateDirectory(services.Paths.PodLogs(pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? "", uid));
        services.Cgroups.Create(pod);
    }

    private async Task<SandboxRecord?> CreateSandboxAsync(Pod pod, PodRuntimeState state, PodPlan plan, CancellationToken cancellationToken)
    {
        if (plan.KillAll)
        {
            await StopOldAsync(state, cancellationToken);
        }
        PodSandboxConfig config = services.Sandboxes.Build(pod, plan.Attempt);
        try
        {
            var handler = await services.RuntimeClasses.HandlerOfAsync(pod, cancellationToken);
            if (pod.Spec.HostUsers == false)
            {
                // Root of the pod would be root of the machine, which is what it asks not to be.
                throw new SandboxException(handler.Length == 0
                    ? "can't set `spec.hostUsers: false`, runtime does not support user namespaces"
                    : $"can't set `spec.hostUsers: false`, RuntimeClass handler \"{handler}\" does not support user namespaces");
            }
            var id = await services.Runtime.RunSandboxAsync(config, handler, cancellationToken);
            return await services.Runtime.FindSandboxAsync(id, cancellationToken);
        }
        catch (Exception exception) when (exception is SandboxException or ContainerRuntimeException or ApiException or ApiUnavailableException)
        {
            services.Events.Warning(pod, "FailedCreatePodSandBox", $"Failed to create pod sandbox: {exception.Message}");
            return null;
        }
    }

    private async Task StopOldAsync(PodRuntimeState state, CancellationToken cancellationToken)
    {
        foreach (var container in state.Containers)
        {
            if (container.State is ContainerRunState.Running or ContainerRunState.Unknown)
            {
                await services.Runtime.StopContainerAsync(container.Id, TimeSpan.Zero, cancellationToken);
            }
        }
        for (var i = 0; i < state.Sandboxes.Count; i++)
        {
            await services.Runtime.StopSandboxAsync(state.Sandboxes[i].Id, cancellationToken);
            // The newest is kept: it counts the attempts, and its containers are the last state.
            if (i > 0)
            {
                await services.Runtime.RemoveSandboxAsync(state.Sandboxes[i].Id, cancellationToken);
            }
        }
    }

    private void WriteHostsFile(Pod pod, SandboxRecord sandbox)
    {
        var name = PodHostname.Of(pod, services.Options.ClusterDomain);
        var host = pod.Spec.HostNetwork == true && File.Exists(HostsFile.ContainerPath) ? File.ReadAllText(HostsFile.ContainerPath) : "";
        var content = HostsFile.Build(pod, services.AddressesOf(pod, sandbox).Pod, name.Name, name.Domain, host);
        var path = services.Paths.HostsFile(pod.Metadata.Uid ?? "");
        // Written in place: the file is mounted into containers, and another one under its name would not be seen there.
        if (!File.Exists(path) || File.ReadAllText(path) != content)
        {
            File.WriteAllText(path, content);
            File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
        }
    }

    private Task KillAsync(Pod pod, PodRuntimeState state, ContainerToKill kill, CancellationToken cancellationToken) =>
        killer.KillAsync(
            new KillRequest(pod, kill.Container.Name, kill.Record.Id)
            {
                Container = kill.Container,
                Message = kill.Message,
                PodAddress = services.AddressesOf(pod, state.Sandboxes.Count > 0 ? state.Sandboxes[0] : null).Pod is [var address, ..] ? address : "",
                Grace = TimeSpan.FromSeconds(kill.GraceSeconds ?? pod.Spec.TerminationGracePeriodSeconds ?? ContainerKiller.DefaultGraceSeconds),
            },
            cancellationToken);
}
