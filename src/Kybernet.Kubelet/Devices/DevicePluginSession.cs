using Grpc.Core;
using Grpc.Net.Client;
using Kybernet.Kubelet.Devices.V1Beta1;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Devices;

/// <summary>The connection to a device plugin, as long as it tells of its devices.</summary>
internal sealed class DevicePluginSession(string resource, string socket, DevicePluginOptions? options) : IDisposable
{
    private readonly GrpcChannel _channel = CriConnection.Open(socket);
    private DevicePluginOptions _options = options ?? new DevicePluginOptions();

    public string Resource => resource;

    private DevicePlugin.DevicePluginClient Plugin => field ??= new DevicePlugin.DevicePluginClient(_channel);

    /// <summary>Hears of the plugin's devices until it ends.</summary>
    /// <param name="tell">Is told them all whenever one has changed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Why it ended.</returns>
    public async Task<string> FollowAsync(Action<IReadOnlyList<Device>> tell, CancellationToken cancellationToken)
    {
        try
        {
            if (options is null)
            {
                _options = await CallAsync(Plugin.GetDevicePluginOptionsAsync(new Empty(), cancellationToken: cancellationToken), cancellationToken);
            }
            using var watch = Plugin.ListAndWatch(new Empty(), cancellationToken: cancellationToken);
            await foreach (var change in watch.ResponseStream.ReadAllAsync(cancellationToken))
            {
                tell(change.Devices);
            }
            return "it has ended";
        }
        catch (Exception exception) when (exception is RpcException or DeviceException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return exception.Message;
        }
    }

    /// <summary>Which of the devices that could be had the plugin would give; empty where it has no opinion.</summary>
    /// <exception cref="DeviceException">The plugin refused.</exception>
    public async Task<IReadOnlyList<string>> PreferAsync(IReadOnlyList<string> available, IReadOnlyList<string> needed, int count, CancellationToken cancellationToken)
    {
        if (!_options.GetPreferredAllocationAvailable)
        {
            return [];
        }
        var wish = new ContainerPreferredAllocationRequest { AllocationSize = count };
        wish.AvailableDeviceIDs.AddRange(available);
        wish.MustIncludeDeviceIDs.AddRange(needed);
        var request = new PreferredAllocationRequest { ContainerRequests = { wish } };
        var reply = await CallAsync(Plugin.GetPreferredAllocationAsync(request, cancellationToken: cancellationToken), cancellationToken);
        return reply.ContainerResponses is [var only, ..] ? only.DeviceIDs : [];
    }

    /// <summary>Has the plugin get devices ready for a container.</summary>
    /// <returns>What the container is to see.</returns>
    /// <exception cref="DeviceException">The plugin refused.</exception>
    public async Task<ContainerAllocateResponse> AllocateAsync(IReadOnlyList<string> devices, CancellationToken cancellationToken)
    {
        var wish = new ContainerAllocateRequest();
        wish.DevicesIds.AddRange(devices);
        var request = new AllocateRequest { ContainerRequests = { wish } };
        var reply = await CallAsync(Plugin.AllocateAsync(request, cancellationToken: cancellationToken), cancellationToken);
        return reply.ContainerResponses is [var only, ..] ? only : throw new DeviceException($"no containers return in allocation response of device plugin {resource}");
    }

    /// <summary>Tells the plugin that a container is about to start, where it wants to know.</summary>
    /// <exception cref="DeviceException">The plugin refused.</exception>
    public async Task PreStartAsync(IReadOnlyList<string> devices, CancellationToken cancellationToken)
    {
        if (!_options.PreStartRequired)
        {
            return;
        }
        var request = new PreStartContainerRequest();
        request.DevicesIds.AddRange(devices);
        try
        {
            await CallAsync(Plugin.PreStartContainerAsync(request, cancellationToken: cancellationToken), cancellationToken);
        }
        catch (DeviceException exception)
        {
            throw new DeviceException($"device plugin PreStartContainer rpc failed with err: {exception.Message}", exception);
        }
    }

    public void Dispose() => _channel.Dispose();

    private static async Task<T> CallAsync<T>(AsyncUnaryCall<T> call, CancellationToken cancellationToken)
    {
        try
        {
            return await RuntimeCalls.RunAsync(call, cancellationToken);
        }
        catch (ContainerRuntimeException exception)
        {
            throw new DeviceException(exception.Message, exception);
        }
    }
}
