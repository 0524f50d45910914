using System.Net;
using Kybernet.Network.Dns.Forwarding;
using Kybernet.Network.Dns.Messages;
using Kybernet.Network.Dns.Zones;

namespace Kybernet.Network.Dns.Serving;

/// <summary>Who an answer came from, in CoreDNS's words, as metrics tell it.</summary>
internal enum AnswerSource
{
    Kubernetes,
    Cache,
    Forward,
    Autopath,
    None,
}

/// <summary>
/// Finds answers. What is at hand, it finds at once (<see cref="TryFind"/>); for other names it has to ask, for some it has to ask several times
/// (<see cref="ResolveAsync(byte[], RecordType, bool, IPAddress, CancellationToken)"/>).
/// </summary>
internal sealed class Resolver(ClusterNames names, ClusterZone zone, PodNames podNames, PodAddresses pods, Forwarder forwarder)
{
    private const int MaxAliases = 8;

    private readonly NegativeAnswers _negative = new(zone.Soa);
    private volatile ClusterDnsSettings _settings = ClusterDnsSettings.Default;

    /// <summary>What the ConfigMap says.</summary>
    public ClusterDnsSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <summary>Finds an answer that takes no waiting.</summary>
    /// <returns>The answer; null where it has to be asked or searched for.</returns>
    public EncodedAnswer? TryFind(in Query query, out uint age, out AnswerSource source)
    {
        age = 0;
        source = AnswerSource.Kubernetes;
        var node = zone.Find(query.Name);
        if (node?.Answer(query.Type, zone) is { } answer)
        {
            return answer;
        }
        if (!WireName.IsWithin(query.Name, names.Origin))
        {
            source = AnswerSource.Cache;
            return forwarder.Cache.Find(query.Name, query.Type, query.WantsDnssec, out age)?.Encoded;
        }
        if (node is not null)
        {
            return node.Alias is null ? _negative.MissingType(query.Name) : null;
        }
        return IsSearched(query.Name, query.Type) || WireName.IsWithin(query.Name, names.Pods) ? null : _negative.MissingName(query.Name);
    }

    /// <summary>Finds an answer, whatever it takes.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="type">The type.</param>
    /// <param name="wantsDnssec">Whether signatures are wanted.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<(Resolution Resolution, AnswerSource Source)> ResolveAsync(
        byte[] name, RecordType type, bool wantsDnssec, IPAddress client, CancellationToken cancellationToken)
    {
        if (!WireName.IsWithin(name, names.Origin))
        {
            return (await forwarder.ResolveAsync(name, type, wantsDnssec, cancellationToken), AnswerSource.Forward);
        }
        var resolution = await FollowAsync(name, type, MaxAliases, cancellationToken);
        if (resolution.Code == ResponseCode.NameError && IsSearched(name, type)
            && await SearchAsync(name, type, client, cancellationToken) is { } found)
        {
            return (found, AnswerSource.Autopath);
        }
        return (resolution, AnswerSource.Kubernetes);
    }

    /// <summary>Whether a name may be the first of a pod's search path: a Service's name, in the pod's namespace.</summary>
    private bool IsSearched(ReadOnlySpan<byte> name, RecordType type) =>
        _settings.AutoPath && type is RecordType.A or RecordType.Aaaa && WireName.IsWithin(name, names.Services)
        && WireName.CountLabels(name) >= WireName.CountLabels(names.Services) + 2;

    /// <summary>Walks the search path that the client would walk itself, a question a step, and answers with what it would find in the end.</summary>
    private async ValueTask<Resolution?> SearchAsync(byte[] name, RecordType type, IPAddress client, CancellationToken cancellationToken)
    {
        if (pods.NamespaceOf(client) is not { } @namespace || names.NamespaceOfServices(@namespace) is var first && !WireName.IsWithin(name, first))
        {
            return null;
        }
        var asked = name[..^first.Length];
        if (asked.Length == 0)
        {
            return null;
        }
        // A name without a dot is never the world's: it ends where the search path does.
        IEnumerable<byte[]> last = asked.Length == asked[0] + 1 ? [] : [WireName.Root];
        foreach (var search in (IEnumerable<byte[]>)[names.Services, names.Origin, .. forwarder.HostSearches, .. last])
        {
            if (asked.Length + search.Length > WireName.MaxLength)
            {
                continue;
            }
            byte[] candidate = [.. asked, .. search];
            var found = await FollowAsync(candidate, type, MaxAliases, cancellationToken);
            if (found.Code == ResponseCode.NoError)
            {
                return found.Answers.Count == 0 ? found : Through(ResourceRecord.Name(name, RecordType.Cname, found.Answers[0].Ttl, candidate), found);
            }
        }
        return null;
    }

    /// <summary>Resolves a name without its search path, but with what its other names lead to.</summary>
    private async ValueTask<Resolution> FollowAsync(byte[] name, RecordType type, int aliases, CancellationToken cancellationToken)
    {
        if (!WireName.IsWithin(name, names.Origin))
        {
            return await forwarder.ResolveAsync(name, type, wantsDnssec: false, cancellationToken);
        }
        var node = zone.Find(name);
        if ((node?.OfType(type) ?? PodRecord(name, type)) is not { } records)
        {
            return _negative.Of(ResponseCode.NameError);
        }
        if (records.Count > 0)
        {
            return new Resolution(ResponseCode.NoError) { IsAuthoritative = true, Answers = records, Additionals = zone.AddressesOfTargets(records) };
        }
        if (node?.Alias is not { } alias || type is not (RecordType.A or RecordType.Aaaa))
        {
            return _negative.Of(ResponseCode.NoError);
        }
        var target = aliases > 0 ? await FollowAsync(alias.Data, type, aliases - 1, cancellationToken) : Resolution.ServerFailure;
        // The name leads there, whatever is there.
        return Through(alias, target with { Code = ResponseCode.NoError, Authorities = [] });
    }

    /// <summary>The records of a type that a name has which spells a pod's address; null where it spells none.</summary>
    private IReadOnlyList<ResourceRecord>? PodRecord(byte[] name, RecordType type)
    {
        var record = podNames.Find(name, _settings.Pods);
        return record is null ? null : record.Type == type ? [record] : [];
    }

    private static Resolution Through(ResourceRecord alias, Resolution target) =>
        target with { IsAuthoritative = true, Answers = [alias, .. target.Answers] };
}
