using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns.Forwarding;

/// <summary>The servers that know the names of a domain, asked in turn, beginning with any of them.</summary>
internal sealed class UpstreamGroup(byte[] domain, IReadOnlyList<Upstream> servers)
{
    public byte[] Domain => domain;

    public IReadOnlyList<Upstream> Servers => servers;

    /// <summary>Asks one after another. Those that are known to be down are not waited for.</summary>
    public async Task<Resolution> AskAsync(byte[] name, RecordType type, bool wantsDnssec, CancellationToken cancellationToken)
    {
        var first = servers.Count > 1 ? Random.Shared.Next(servers.Count) : 0;
        for (var i = 0; i < servers.Count; i++)
        {
            var server = servers[(first + i) % servers.Count];
            if (server.IsHealthy && await server.AskAsync(name, type, wantsDnssec, cancellationToken) is { } resolution)
            {
                return resolution;
            }
        }
        return Resolution.ServerFailure;
    }
}
