using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Runtime.Cri;

namespace Kybernet.Kubelet.Runtime;

/// <summary>Turns the interface's messages into the kubelet's own records.</summary>
internal static class CriRecords
{
    public static SandboxRecord Sandbox(PodSandbox sandbox) =>
        new(sandbox.Id, Identity(sandbox.Metadata), sandbox.Metadata.Attempt, sandbox.State == PodSandboxState.SandboxReady, Time(sandbox.CreatedAt))
        {
            Annotations = sandbox.Annotations,
        };

    public static SandboxRecord Sandbox(PodSandboxStatus status)
    {
        var addresses = new List<string>();
        if (status.Network is { } network && network.Ip.Length > 0)
        {
            addresses.Add(network.Ip);
            addresses.AddRange(network.AdditionalIps.Select(address => address.Ip));
        }
        return new SandboxRecord(
            status.Id, Identity(status.Metadata), status.Metadata.Attempt, status.State == PodSandboxState.SandboxReady, Time(status.CreatedAt))
        {
            Annotations = status.Annotations,
            Addresses = addresses,
            IsHostNetwork = status.Linux?.Namespaces?.Options?.Network == NamespaceMode.Node,
        };
    }

    public static ContainerSummary Summary(Container container)
    {
        var labels = container.Labels;
        var pod = new PodIdentity(
            labels.TryGetValue(RuntimeLabels.PodNamespace, out var space) ? space : "",
            labels.TryGetValue(RuntimeLabels.PodName, out var name) ? name : "",
            labels.TryGetValue(RuntimeLabels.PodUid, out var uid) ? uid : "");
        return new ContainerSummary(
            container.Id, container.PodSandboxId, pod, container.Metadata.Name, container.Metadata.Attempt, State(container.State), Time(container.CreatedAt))
        {
            ImageId = container.ImageId.Length > 0 ? container.ImageId : container.ImageRef,
        };
    }

    public static ContainerRecord Container(ContainerSummary summary, ContainerStatus status) => new()
    {
        Id = status.Id,
        SandboxId = summary.SandboxId,
        Name = status.Metadata.Name,
        State = State(status.State),
        CreatedAt = Time(status.CreatedAt),
        StartedAt = status.StartedAt > 0 ? Time(status.StartedAt) : null,
        FinishedAt = status.FinishedAt > 0 ? Time(status.FinishedAt) : null,
        ExitCode = status.ExitCode,
        Image = status.Image?.Image ?? "",
        ImageRef = status.ImageRef,
        Reason = status.Reason,
        Message = status.Message,
        LogPath = status.LogPath,
        Annotations = status.Annotations,
        Figures = status.Resources?.Linux is { } resources ? ContainerFigures.Of(resources) : null,
    };

    public static ImageRecord Image(Image image) =>
        new(image.Id, image.RepoTags, image.RepoDigests, (long)image.Size, image.Uid?.Value, image.Username) { IsPinned = image.Pinned };

    public static ContainerUsage Usage(ContainerStats stats)
    {
        var labels = stats.Attributes.Labels;
        var pod = new PodIdentity(
            labels.TryGetValue(RuntimeLabels.PodNamespace, out var space) ? space : "",
            labels.TryGetValue(RuntimeLabels.PodName, out var name) ? name : "",
            labels.TryGetValue(RuntimeLabels.PodUid, out var uid) ? uid : "");
        return new ContainerUsage(stats.Attributes.Id, pod, stats.Attributes.Metadata.Name)
        {
            Timestamp = Time(stats.Cpu?.Timestamp ?? stats.Memory?.Timestamp ?? 0),
            CpuNanoseconds = stats.Cpu?.UsageCoreNanoSeconds?.Value ?? 0,
            WorkingSetBytes = stats.Memory?.WorkingSetBytes?.Value ?? 0,
            UsageBytes = stats.Memory?.UsageBytes?.Value ?? 0,
            RootFilesystemBytes = stats.WritableLayer?.UsedBytes?.Value ?? 0,
            RootFilesystemInodes = stats.WritableLayer?.InodesUsed?.Value ?? 0,
        };
    }

    private static PodIdentity Identity(PodSandboxMetadata metadata) => new(metadata.Namespace, metadata.Name, metadata.Uid);

    private static ContainerRunState State(ContainerState state) => state switch
    {
        ContainerState.ContainerCreated => ContainerRunState.Created,
        ContainerState.ContainerRunning => ContainerRunState.Running,
        ContainerState.ContainerExited => ContainerRunState.Exited,
        _ => ContainerRunState.Unknown,
    };

    private static DateTimeOffset Time(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
}
