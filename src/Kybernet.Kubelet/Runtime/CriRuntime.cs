using Grpc.Core;
using Grpc.Net.Client;
using Kybernet.Kubelet.Runtime.Cri;

namespace Kybernet.Kubelet.Runtime;

/// <summary>A container runtime behind the container runtime interface, version 1.</summary>
internal sealed class CriRuntime(string endpoint) : IContainerRuntime, IDisposable
{
    private readonly GrpcChannel _channel = CriConnection.Open(endpoint);

    private RuntimeService.RuntimeServiceClient Runtime => field ??= new RuntimeService.RuntimeServiceClient(_channel);

    private ImageService.ImageServiceClient Images => field ??= new ImageService.ImageServiceClient(_channel);

    public async Task<RuntimeVersion> GetVersionAsync(CancellationToken cancellationToken)
    {
        var reply = await RuntimeCalls.RunAsync(Runtime.VersionAsync(new VersionRequest { Version = "v1" }, cancellationToken: cancellationToken), cancellationToken);
        return new RuntimeVersion(reply.RuntimeName, reply.RuntimeVersion);
    }

    public async Task<RuntimeHealth> GetHealthAsync(CancellationToken cancellationToken)
    {
        var reply = await RuntimeCalls.RunAsync(Runtime.StatusAsync(new StatusRequest(), cancellationToken: cancellationToken), cancellationToken);
        return new RuntimeHealth(ProblemOf(reply.Status, "RuntimeReady"), ProblemOf(reply.Status, "NetworkReady"));
    }

    public async Task SetPodCidrAsync(string podCidr, CancellationToken cancellationToken)
    {
        var request = new UpdateRuntimeConfigRequest { RuntimeConfig = new RuntimeConfig { NetworkConfig = new NetworkConfig { PodCidr = podCidr } } };
        await RuntimeCalls.RunAsync(Runtime.UpdateRuntimeConfigAsync(request, cancellationToken: cancellationToken), cancellationToken);
    }

    public async Task<string> RunSandboxAsync(PodSandboxConfig config, string runtimeHandler, CancellationToken cancellationToken)
    {
        var request = new RunPodSandboxRequest { Config = config, RuntimeHandler = runtimeHandler };
        return (await RuntimeCalls.RunAsync(Runtime.RunPodSandboxAsync(request, cancellationToken: cancellationToken), cancellationToken)).PodSandboxId;
    }

    public Task StopSandboxAsync(string id, CancellationToken cancellationToken) =>
        UnlessGoneAsync(Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = id }, cancellationToken: cancellationToken), cancellationToken);

    public Task RemoveSandboxAsync(string id, CancellationToken cancellationToken) =>
        UnlessGoneAsync(Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = id }, cancellationToken: cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<SandboxRecord>> ListSandboxesAsync(string? podUid, CancellationToken cancellationToken)
    {
        var request = new ListPodSandboxRequest();
        if (podUid is not null)
        {
            request.Filter = new PodSandboxFilter { LabelSelector = { [RuntimeLabels.PodUid] = podUid } };
        }
        var reply = await RuntimeCalls.RunAsync(Runtime.ListPodSandboxAsync(request, cancellationToken: cancellationToken), cancellationToken);
        return reply.Items.Select(CriRecords.Sandbox).OrderByDescending(sandbox => sandbox.CreatedAt).ToArray();
    }

    public async Task<SandboxRecord?> FindSandboxAsync(string id, CancellationToken cancellationToken)
    {
        var request = new PodSandboxStatusRequest { PodSandboxId = id };
        var reply = await RuntimeCalls.FindAsync(Runtime.PodSandboxStatusAsync(request, cancellationToken: cancellationToken), cancellationToken);
        return reply is null ? null : CriRecords.Sandbox(reply.Status);
    }

    public async Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(string? podUid, CancellationToken cancellationToken)
    {
        var request = new ListContainersRequest();
        if (podUid is not null)
        {
            request.Filter = new ContainerFilter { LabelSelector = { [RuntimeLabels.PodUid] = podUid } };
        }
        var reply = await RuntimeCalls.RunAsync(Runtime.ListContainersAsync(request, cancellationToken: cancellationToken), cancellationToken);
        return reply.Containers.Select(CriRecords.Summary).OrderByDescending(container => container.CreatedAt).ToArray();
    }

    public async Task<ContainerRecord?> FindContainerAsync(ContainerSummary summary, CancellationToken cancellationToken)
    {
        var request = new ContainerStatusRequest { ContainerId = summary.Id };
        var reply = await RuntimeCalls.FindAsync(Runtime.ContainerStatusAsync(request, cancellationToken: cancellationToken), cancellationToken);
        return reply is null ? null : CriRecords.Container(summary, reply.Status);
    }

    public async Task<string> CreateContainerAsync(
        string sandboxId, ContainerConfig config, PodSandboxConfig sandboxConfig, CancellationToken cancellationToken)
    {
        var request = new CreateContainerRequest { PodSandboxId = sandboxId, Config = config, SandboxConfig = sandboxConfig };
        return (await RuntimeCalls.RunAsync(Runtime.CreateContainerAsync(request, cancellationToken: cancellationToken), cancellationToken)).ContainerId;
    }

    public Task StartContainerAsync(string id, CancellationToken cancellationToken) =>
        RuntimeCalls.RunAsync(Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = id }, cancellationToken: cancellationToken), cancellationToken);

    public Task UpdateContainerAsync(string id, LinuxContainerResources resources, CancellationToken cancellationToken) => RuntimeCalls.RunAsync(
        Runtime.UpdateContainerResourcesAsync(new UpdateContainerResourcesRequest { ContainerId = id, Linux = resources }, cancellationToken: cancellationToken),
        cancellationToken);

    public Task StopContainerAsync(string id, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var request = new StopContainerRequest { ContainerId = id, Timeout = (long)Math.Ceiling(timeout.TotalSeconds) };
        return UnlessGoneAsync(Runtime.StopContainerAsync(request, cancellationToken: cancellationToken), cancellationToken);
    }

    public Task RemoveContainerAsync(string id, CancellationToken cancellationToken) =>
        UnlessGoneAsync(Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = id }, cancellationToken: cancellationToken), cancellationToken);

    public Task ReopenLogAsync(string id, CancellationToken cancellationToken) =>
        RuntimeCalls.RunAsync(Runtime.ReopenContainerLogAsync(new ReopenContainerLogRequest { ContainerId = id }, cancellationToken: cancellationToken), cancellationToken);

    public async Task<ExecResult> ExecAsync(string id, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var request = new ExecSyncRequest { ContainerId = id, Timeout = (long)timeout.TotalSeconds };
        request.Cmd.AddRange(command);
        try
        {
            var reply = await RuntimeCalls.RunAsync(Runtime.ExecSyncAsync(request, cancellationToken: cancellationToken), cancellationToken);
            return new ExecResult(reply.ExitCode, reply.Stdout.ToByteArray(), reply.Stderr.ToByteArray());
        }
        // containerd says it with the code Unknown in some versions.
        catch (ContainerRuntimeException exception) when (exception.Code == StatusCode.DeadlineExceeded || exception.Detail.Contains("timeout", StringComparison.Ordinal))
        {
            throw new TimeoutException($"command \"{string.Join(' ', command)}\" timed out", exception);
        }
    }

    public async Task<Uri> PrepareExecAsync(ExecRequest request, CancellationToken cancellationToken) =>
        new((await RuntimeCalls.RunAsync(Runtime.ExecAsync(request, cancellationToken: cancellationToken), cancellationToken)).Url);

    public async Task<Uri> PrepareAttachAsync(AttachRequest request, CancellationToken cancellationToken) =>
        new((await RuntimeCalls.RunAsync(Runtime.AttachAsync(request, cancellationToken: cancellationToken), cancellationToken)).Url);

    public async Task<Uri> PreparePortForwardAsync(string sandboxId, IReadOnlyList<int> ports, CancellationToken cancellationToken)
    {
        var request = new PortForwardRequest { PodSandboxId = sandboxId };
        request.Port.AddRange(ports);
        return new Uri((await RuntimeCalls.RunAsync(Runtime.PortForwardAsync(request, cancellationToken: cancellationToken), cancellationToken)).Url);
    }

    public async Task<IReadOnlyList<ContainerUsage>> ListUsageAsync(CancellationToken cancellationToken)
    {
        var reply = await RuntimeCalls.RunAsync(Runtime.ListContainerStatsAsync(new ListContainerStatsRequest(), cancellationToken: cancellationToken), cancellationToken);
        // Those that have ended are listed too, with their files alone.
        return reply.Stats.Where(static stats => stats.Cpu is not null && stats.Memory is not null).Select(CriRecords.Usage).ToArray();
    }

    public async Task<IReadOnlyList<ImageRecord>> ListImagesAsync(CancellationToken cancellationToken)
    {
        var reply = await RuntimeCalls.RunAsync(Images.ListImagesAsync(new ListImagesRequest(), cancellationToken: cancellationToken), cancellationToken);
        return reply.Images.Select(CriRecords.Image).ToArray();
    }

    public async Task<ImageRecord?> FindImageAsync(string image, CancellationToken cancellationToken)
    {
        var request = new ImageStatusRequest { Image = new ImageSpec { Image = image } };
        var reply = await RuntimeCalls.RunAsync(Images.ImageStatusAsync(request, cancellationToken: cancellationToken), cancellationToken);
        return reply.Image is { } found && found.Id.Length > 0 ? CriRecords.Image(found) : null;
    }

    public Task RemoveImageAsync(string id, CancellationToken cancellationToken) => UnlessGoneAsync(
        Images.RemoveImageAsync(new RemoveImageRequest { Image = new ImageSpec { Image = id } }, cancellationToken: cancellationToken), cancellationToken);

    public async Task<string?> FindImageFolderAsync(CancellationToken cancellationToken)
    {
        var reply = await RuntimeCalls.RunAsync(Images.ImageFsInfoAsync(new ImageFsInfoRequest(), cancellationToken: cancellationToken), cancellationToken);
        return reply.ImageFilesystems is [{ FsId: { } identifier }, ..] ? identifier.Mountpoint : null;
    }

    public async Task<string> PullImageAsync(
        string image, RegistryCredentials? credentials, PodSandboxConfig sandboxConfig, CancellationToken cancellationToken)
    {
        var request = new PullImageRequest { Image = new ImageSpec { Image = image }, SandboxConfig = sandboxConfig };
        if (credentials is not null)
        {
            request.Auth = new AuthConfig { Username = credentials.Username, Password = credentials.Password };
        }
        return (await RuntimeCalls.RunAsync(Images.PullImageAsync(request, cancellationToken: cancellationToken), cancellationToken)).ImageRef;
    }

    public void Dispose() => _channel.Dispose();

    private static string? ProblemOf(RuntimeStatus status, string type)
    {
        foreach (var condition in status.Conditions)
        {
            if (condition.Type == type)
            {
                return condition.Status ? null : $"{type}=false reason:{condition.Reason} message:{condition.Message}";
            }
        }
        return $"{type} is not set";
    }

    private static async Task UnlessGoneAsync<T>(AsyncUnaryCall<T> call, CancellationToken cancellationToken)
        where T : class => await RuntimeCalls.FindAsync(call, cancellationToken);
}
