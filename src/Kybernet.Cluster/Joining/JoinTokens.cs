using Kybernet.Api.Certificates;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Cluster.Joining;

/// <summary>A token that machines may join with.</summary>
/// <param name="Token">The token, its secret part included.</param>
/// <param name="Expiration">When it stops to be good; null for never.</param>
/// <param name="Description">What somebody wrote about it; empty for nothing.</param>
public sealed record JoinToken(string Token, DateTimeOffset? Expiration, string Description);

/// <summary>Makes, lists and deletes the tokens that machines join with, as the administrator of a running cluster of this machine.</summary>
public sealed class JoinTokens : IAsyncDisposable
{
    private readonly DataDirectory _data;
    private readonly TimeProvider _time;
    private readonly HttpTransport _transport;
    private readonly ApiClient _client;

    /// <summary>Connects with the administrator's kubeconfig.</summary>
    /// <exception cref="ClusterException">There is none: no cluster was started on the data directory.</exception>
    public JoinTokens(DataDirectory data, TimeProvider time)
    {
        if (!File.Exists(data.Kubeconfig))
        {
            throw new ClusterException($"there is no cluster on {data.Root}") { Hint = $"Start it: kybernet up{ClusterLock.Flag(data)}" };
        }
        _data = data;
        _time = time;
        _transport = new HttpTransport(Client.Kubeconfig.Load(data.Kubeconfig).Connection(), time);
        _client = new ApiClient(_transport);
    }

    /// <summary>Makes a token.</summary>
    /// <param name="lifetime">How long it is good; null for ever.</param>
    /// <param name="description">What it is for; may be empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ClusterException">The cluster does not answer, or refuses.</exception>
    public Task<JoinToken> CreateAsync(TimeSpan? lifetime, string description, CancellationToken cancellationToken) => AskAsync(async () =>
    {
        var token = BootstrapToken.Create();
        var expiration = _time.GetUtcNow() + lifetime;
        await _client.CreateAsync(token.ToSecret(description, expiration), cancellationToken);
        return new JoinToken(token.ToString(), expiration, description);
    });

    /// <summary>The tokens that there are.</summary>
    /// <exception cref="ClusterException">The cluster does not answer, or refuses.</exception>
    public Task<IReadOnlyList<JoinToken>> ListAsync(CancellationToken cancellationToken) => AskAsync<IReadOnlyList<JoinToken>>(async () =>
    {
        var selection = new ListSelection(FieldSelector: "type=" + BootstrapToken.SecretType);
        var secrets = await _client.ListAsync<Secret>(BootstrapToken.Namespace, selection, cancellationToken);
        return
        [
            .. from secret in secrets
               let token = BootstrapToken.Of(secret)
               where token is not null
               select new JoinToken(token.ToString(), BootstrapToken.ExpirationOf(secret), BootstrapToken.DescriptionOf(secret)),
        ];
    });

    /// <summary>Deletes a token: nobody can join with it any more; who has joined stays.</summary>
    /// <param name="tokenOrId">The token, or its first part.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ClusterException">There is no such token, or the cluster does not answer.</exception>
    public Task<string> DeleteAsync(string tokenOrId, CancellationToken cancellationToken) => AskAsync(async () =>
    {
        var id = tokenOrId.Split('.')[0];
        var token = new BootstrapToken(id, "");
        return await _client.DeleteAsync<Secret>(BootstrapToken.Namespace, token.SecretName, DeleteOptions.Empty, cancellationToken)
            ? id
            : throw new ClusterException($"there is no token {id}") { Hint = $"See which there are: kybernet token list{ClusterLock.Flag(_data)}" };
    });

    /// <summary>What to type on another machine so that it joins with a token.</summary>
    /// <exception cref="ClusterException">The cluster does not answer, or refuses.</exception>
    public Task<string> JoinCommandAsync(JoinToken token, CancellationToken cancellationToken) => AskAsync(async () =>
    {
        var info = await _client.GetAsync<ConfigMap>("kube-public", "cluster-info", cancellationToken);
        var (server, authority) = ClusterDiscovery.Read(info);
        return $"kybernet agent --server {server.GetLeftPart(UriPartial.Authority)} --token {token.Token} --ca-cert-hash {ClusterDiscovery.HashOf(authority)}";
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _transport.DisposeAsync();

    private async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (ApiUnavailableException exception)
        {
            throw new ClusterException(exception.Message, exception) { Hint = $"Does it run? kybernet status{ClusterLock.Flag(_data)}" };
        }
        catch (ApiException exception)
        {
            throw new ClusterException(exception.Message, exception);
        }
    }
}
