using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Devices;
using Kybernet.Kubelet.Environment;
using Kybernet.Kubelet.Images;
using Kybernet.Kubelet.Lifecycle;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Runtime.Cri;
using Kybernet.Kubelet.Volumes;
using Pod = Kybernet.Api.Core.V1.Pod;

namespace Kybernet.Kubelet.Pods;

/// <summary>Where a container is to be started.</summary>
internal sealed record StartContext(
    Pod Pod, SandboxRecord Sandbox, PodSandboxConfig SandboxConfig, PodRuntimeState State, IReadOnlyDictionary<string, MountedVolume> Volumes);

/// <summary>
/// Starts one container: waits out its back-off, gets its image, makes it, starts it, links its log, runs its postStart hook. Whatever goes wrong
/// is told as an event and thrown with the reason that the container's status shows.
/// </summary>
internal sealed class ContainerStarter(PodServices services, ContainerKiller killer)
{
    /// <exception cref="ContainerStartException">It cannot be started now.</exception>
    public async Task StartAsync(StartContext context, PodContainer container, CancellationToken cancellationToken)
    {
        var pod = context.Pod;
        var last = context.State.Newest(container.Name);
        CheckBackOff(pod, container, last);
        await RemoveOldAsync(context, container.Name, cancellationToken);
        context = context with { Volumes = await services.ImageVolumes.EnsureAsync(context, container.Container, cancellationToken) };
        var image = await EnsureImageAsync(context, container, cancellationToken);
        var restartCount = last is null ? CountFromLogs(pod, container.Name) : last.RestartCount + 1;
        var config = await ConfigureAsync(context, container, image, restartCount, cancellationToken);
        var id = await CreateAsync(context, container, config, cancellationToken);
        services.Events.Normal(pod, container, "Created", $"Created container: {container.Name}");
        await RunAsync(pod, container, id, cancellationToken);
        services.Events.Normal(pod, container, "Started", $"Started container {container.Name}");
        LinkLog(pod, container.Name, id, config.LogPath);
        await PostStartAsync(context, container, id, cancellationToken);
    }

    /// <summary>By what a container's back-off is remembered.</summary>
    public static string BackOffKey(Pod pod, PodContainer container) =>
        $"{pod.Metadata.Uid}_{container.Name}_{ContainerConfigBuilder.HashOf(container.Container)}";

    private void CheckBackOff(Pod pod, PodContainer container, ContainerRecord? last)
    {
        if (last is not { State: ContainerRunState.Exited })
        {
            return;
        }
        var key = BackOffKey(pod, container);
        var ended = last.FinishedAt ?? services.Time.GetUtcNow();
        if (services.RestartBackOff.RemainingSince(key, ended) is { Ticks: > 0 } remaining)
        {
            services.Events.Warning(
                pod, container, "BackOff", $"Back-off restarting failed container {container.Name} in pod {PodNames.Full(pod)}");
            var delay = GoDuration.Format(services.RestartBackOff.Delay(key));
            throw new ContainerStartException(
                "CrashLoopBackOff", $"back-off {delay} restarting failed container={container.Name} pod={PodNames.Full(pod)}", remaining);
        }
        services.RestartBackOff.Next(key, ended);
    }

    private async Task<ImageRecord> EnsureImageAsync(StartContext context, PodContainer container, CancellationToken cancellationToken)
    {
        try
        {
            return await services.Images.EnsureAsync(ImageRequest.Of(context.Pod, container), context.SandboxConfig, cancellationToken);
        }
        catch (ContainerStartException exception)
        {
            services.Events.Warning(context.Pod, container, "Failed", $"Error: {exception.Reason}");
            throw;
        }
    }

    private async Task<ContainerConfig> ConfigureAsync(
        StartContext context, PodContainer container, ImageRecord image, int restartCount, CancellationToken cancellationToken)
    {
        var pod = context.Pod;
        try
        {
            var environment = await services.Environment.BuildAsync(
                pod, container.Container, services.Services.List(), services.AddressesOf(pod, context.Sandbox), services.Node, cancellationToken);
            var target = container.TargetName.Length > 0 ? context.State.Newest(container.TargetName)?.Id ?? "" : "";
            var config = services.Containers.Build(
                container.Container, new ContainerInputs(pod, environment, context.Volumes, image, services.Node, restartCount, target));
            config.Linux.Resources.CpusetCpus = services.Cpus.CpusOf(pod.Metadata.Uid ?? "", container.Name);
            await ContainerDevices.AddAsync(services.Devices, pod.Metadata.Uid ?? "", container.Name, config, cancellationToken);
            return config;
        }
        catch (Exception exception) when (exception is ContainerConfigException or DeviceException or IOException or UnauthorizedAccessException)
        {
            services.Events.Warning(pod, container, "Failed", $"Error: {exception.Message}");
            throw new ContainerStartException("CreateContainerConfigError", exception.Message);
        }
    }

    private async Task<string> CreateAsync(StartContext context, PodContainer container, ContainerConfig config, CancellationToken cancellationToken)
    {
        try
        {
            return await services.Runtime.CreateContainerAsync(context.Sandbox.Id, config, context.SandboxConfig, cancellationToken);
        }
        catch (ContainerRuntimeException exception)
        {
            services.Events.Warning(context.Pod, container, "Failed", $"Error: {exception.Detail}");
            throw new ContainerStartException("CreateContainerError", exception.Detail);
        }
    }

    private async Task RunAsync(Pod pod, PodContainer container, string id, CancellationToken cancellationToken)
    {
        try
        {
            await services.Runtime.StartContainerAsync(id, cancellationToken);
        }
        catch (ContainerRuntimeException exception)
        {
            services.Events.Warning(pod, container, "Failed", $"Error: {exception.Detail}");
            throw new ContainerStartException("RunContainerError", exception.Detail);
        }
    }

    private async Task PostStartAsync(StartContext context, PodContainer container, string id, CancellationToken cancellationToken)
    {
        if (container.Container.Lifecycle?.PostStart is not { } hook)
        {
            return;
        }
        var pod = context.Pod;
        var address = services.AddressesOf(pod, context.Sandbox).Pod is [var first, ..] ? first : "";
        try
        {
            await services.Hooks.RunAsync(hook, container.Container, id, address, cancellationToken);
        }
        catch (HookException exception)
        {
            services.Events.Warning(pod, container, "FailedPostStartHook", "PostStartHook failed");
            await killer.KillAsync(new KillRequest(pod, container.Name, id)
            {
                Container = container,
                Message = "FailedPostStartHook",
                PodAddress = address,
                Grace = TimeSpan.FromSeconds(pod.Spec.TerminationGracePeriodSeconds ?? ContainerKiller.DefaultGraceSeconds),
            }, cancellationToken);
            throw new ContainerStartException("PostStartHookError", exception.Message);
        }
    }

    // What ran before the kubelet lost the runtime's memory of it can still be counted by its logs.
    private int CountFromLogs(Pod pod, string container)
    {
        var folder = Path.Combine(services.Paths.PodLogs(pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? "", pod.Metadata.Uid ?? ""), container);
        if (!Directory.Exists(folder))
        {
            return 0;
        }
        var count = 0;
        foreach (var file in Directory.EnumerateFiles(folder, "*.log*"))
        {
            var name = Path.GetFileName(file);
            if (int.TryParse(name.AsSpan(0, name.IndexOf('.')), out var number))
            {
                count = Math.Max(count, number + 1);
            }
        }
        return count;
    }

    private void LinkLog(Pod pod, string container, string id, string logPath)
    {
        var (@namespace, name, uid) = (pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? "", pod.Metadata.Uid ?? "");
        var link = services.Paths.ContainerLogLink(@namespace, name, container, id);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.Delete(link);
        File.CreateSymbolicLink(link, Path.Combine(services.Paths.PodLogs(@namespace, name, uid), logPath));
    }

    // Of those that ended one is kept, for its log and its last state.
    private async Task RemoveOldAsync(StartContext context, string name, CancellationToken cancellationToken)
    {
        var kept = 0;
        foreach (var old in context.State.Containers)
        {
            if (old.Name != name || old.State == ContainerRunState.Running || (old.State != ContainerRunState.Created && kept++ == 0))
            {
                continue;
            }
            await services.Runtime.RemoveContainerAsync(old.Id, cancellationToken);
            ContainerLogs.Remove(services.Paths, PodManager.IdentityOf(context.Pod), old);
        }
    }
}
