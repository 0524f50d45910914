using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using Kybernet.Kubelet.Devices.V1Beta1;
using Kybernet.Kubelet.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Kybernet.Kubelet.Tests.Real.Plugins;

/// <summary>A device plugin: its devices are <c>/dev/null</c> under other names.</summary>
internal sealed class NullPlugin : DevicePlugin.DevicePluginBase, IAsyncDisposable
{
    public const string Resource = "devices.test/null";

    private readonly Channel<ListAndWatchResponse> _changes = Channel.CreateUnbounded<ListAndWatchResponse>();
    private readonly CancellationTokenSource _ending = new();
    private PluginServer? _server;

    /// <summary>The devices that are about to be used, as it was told.</summary>
    public ConcurrentQueue<string> Prepared { get; } = [];

    /// <summary>Starts one and registers it with the kubelet of a rig.</summary>
    public static async Task<NullPlugin> StartAsync(KubeletRig rig, CancellationToken cancellationToken, params string[] healthy)
    {
        var folder = Path.Combine(rig.Options.RootDirectory, "device-plugins");
        var plugin = new NullPlugin();
        plugin.Tell(healthy);
        var registration = Path.Combine(folder, "kubelet.sock");
        await AnswersAsync(registration, cancellationToken);
        plugin._server = await PluginServer.StartAsync(
            Path.Combine(folder, "null.sock"), services => services.AddSingleton(plugin), static application => application.MapGrpcService<NullPlugin>(), cancellationToken);
        using var channel = OpenAsGoDoes(registration);
        await new Registration.RegistrationClient(channel).RegisterAsync(
            new RegisterRequest
            {
                Version = "v1beta1",
                Endpoint = "null.sock",
                ResourceName = Resource,
                Options = new DevicePluginOptions { PreStartRequired = true, GetPreferredAllocationAvailable = true },
            },
            cancellationToken: cancellationToken);
        return plugin;
    }

    /// <summary>Tells the kubelet of all its devices: those that are named work, of <c>a</c>, <c>b</c> and <c>c</c>.</summary>
    public void Tell(params string[] healthy)
    {
        var change = new ListAndWatchResponse();
        change.Devices.AddRange(((string[])["a", "b", "c"]).Select(id => new Device { ID = id, Health = healthy.Contains(id) ? "Healthy" : "Unhealthy" }));
        _changes.Writer.TryWrite(change);
    }

    public override Task<DevicePluginOptions> GetDevicePluginOptions(Empty request, ServerCallContext context) => Task.FromResult(new DevicePluginOptions());

    public override async Task ListAndWatch(Empty request, IServerStreamWriter<ListAndWatchResponse> responseStream, ServerCallContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, context.CancellationToken);
        try
        {
            await foreach (var change in _changes.Reader.ReadAllAsync(either.Token))
            {
                await responseStream.WriteAsync(change, either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // it ends, or nobody listens any more
        }
    }

    // The last of the alphabet first, which nobody would choose by himself.
    public override Task<PreferredAllocationResponse> GetPreferredAllocation(PreferredAllocationRequest request, ServerCallContext context)
    {
        var wish = request.ContainerRequests[0];
        var answer = new ContainerPreferredAllocationResponse();
        answer.DeviceIDs.AddRange(wish.AvailableDeviceIDs.OrderDescending(StringComparer.Ordinal).Take(wish.AllocationSize));
        return Task.FromResult(new PreferredAllocationResponse { ContainerResponses = { answer } });
    }

    public override Task<AllocateResponse> Allocate(AllocateRequest request, ServerCallContext context)
    {
        var answer = new ContainerAllocateResponse { Envs = { ["DEVICES"] = string.Join(',', request.ContainerRequests[0].DevicesIds) } };
        foreach (var id in request.ContainerRequests[0].DevicesIds)
        {
            answer.Devices.Add(new DeviceSpec { HostPath = "/dev/null", ContainerPath = $"/dev/test-{id}", Permissions = "rw" });
        }
        answer.Mounts.Add(new Mount { HostPath = "/etc/hostname", ContainerPath = "/opt/library", ReadOnly = true });
        return Task.FromResult(new AllocateResponse { ContainerResponses = { answer } });
    }

    public override Task<PreStartContainerResponse> PreStartContainer(PreStartContainerRequest request, ServerCallContext context)
    {
        Prepared.Enqueue(string.Join(',', request.DevicesIds));
        return Task.FromResult(new PreStartContainerResponse());
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _server!.DisposeAsync();
        _ending.Dispose();
    }

    // Go's clients name the socket's path as the server.
    private static GrpcChannel OpenAsGoDoes(string socket)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), token);
                return new NetworkStream(connection, ownsSocket: true);
            },
        };
        return GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = new NamesServer(socket, handler), DisposeHttpClient = true });
    }

    // A kubelet that has just started takes its old socket away before it makes the new one.
    private static async Task AnswersAsync(string socket, CancellationToken cancellationToken)
    {
        await Client.Tests.Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    using var channel = CriConnection.Open(socket);
                    await new Registration.RegistrationClient(channel).RegisterAsync(new RegisterRequest(), cancellationToken: cancellationToken);
                    return true;
                }
                catch (RpcException exception)
                {
                    return exception.Status.Detail.StartsWith("requested API version \"\" is not supported", StringComparison.Ordinal);
                }
            },
            "the kubelet takes plugins");
    }

    private sealed class NamesServer(string name, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.TryAddWithoutValidation("Host", name);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
