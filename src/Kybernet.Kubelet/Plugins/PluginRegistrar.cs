using Grpc.Core;
using Kybernet.Kubelet.Plugins.V1;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Plugins;

/// <summary>A plugin that is registered, with whoever deals with it.</summary>
internal sealed record RegisteredPlugin(IPluginHandler Handler, PluginIdentity Plugin);

/// <summary>Asks the plugin behind a socket who it is, hands it to whoever deals with its type, and tells it how that went.</summary>
internal sealed class PluginRegistrar(IReadOnlyList<IPluginHandler> handlers, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="PluginException">It does not answer, or is refused.</exception>
    public async Task<RegisteredPlugin> RegisterAsync(string socket, CancellationToken cancellationToken)
    {
        using var channel = CriConnection.Open(socket);
        var client = new Registration.RegistrationClient(channel);
        var info = await AskAsync(
            $"failed to get plugin info using RPC GetInfo at socket {socket}", token => client.GetInfoAsync(new InfoRequest(), cancellationToken: token), cancellationToken);
        try
        {
            var handler = handlers.FirstOrDefault(handler => handler.Type == info.Type)
                ?? throw new PluginException($"no handler registered for plugin type: {info.Type} at socket {socket}");
            var plugin = new PluginIdentity(info.Name, info.Endpoint.Length > 0 ? info.Endpoint : socket, info.SupportedVersions);
            handler.Validate(plugin);
            await handler.RegisterAsync(plugin, cancellationToken);
            await NotifyAsync(client, socket, new RegistrationStatus { PluginRegistered = true }, cancellationToken);
            return new RegisteredPlugin(handler, plugin);
        }
        catch (PluginException exception)
        {
            await NotifyAsync(client, socket, new RegistrationStatus { Error = $"RegisterPlugin error -- {exception.Message}" }, cancellationToken);
            throw;
        }
    }

    private Task<RegistrationStatusResponse> NotifyAsync(
        Registration.RegistrationClient client, string socket, RegistrationStatus status, CancellationToken cancellationToken) => AskAsync(
            $"failed to send registration status at socket {socket}", token => client.NotifyRegistrationStatusAsync(status, cancellationToken: token), cancellationToken);

    private async Task<T> AskAsync<T>(string problem, Func<CancellationToken, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var running = call(either.Token);
            return await running.ResponseAsync;
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new PluginException($"{problem}, err: rpc error: code = {exception.StatusCode} desc = {exception.Status.Detail}", exception);
        }
    }
}
