using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Kybernet.Network.Dns.Messages;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Dns.Forwarding;

/// <summary>Finds out about names that are not the cluster's: from the cache, or from the servers of their domain.</summary>
/// <param name="resolverConfiguration">The path of the host's <c>resolv.conf</c>.</param>
/// <param name="capacity">How many answers are kept.</param>
/// <param name="isOurs">Whether an address is this server's own.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where trouble is told.</param>
internal sealed partial class Forwarder(
    string resolverConfiguration, int capacity, Func<IPEndPoint, bool> isOurs, TimeProvider time, ILogger<Forwarder> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>A name that nobody asks for but us: who hears it here has been sent a question in a circle.</summary>
    private readonly byte[] _loopName = WireName.Parse(
        string.Create(CultureInfo.InvariantCulture, $"{RandomNumberGenerator.GetInt32(int.MaxValue)}.{RandomNumberGenerator.GetInt32(int.MaxValue)}"));

    private readonly AnswerCache _cache = new(capacity, time);
    private volatile Routes _routes = new(ClusterDnsSettings.Default, new HostResolver([], []), [new UpstreamGroup(WireName.Root, [])]);
    private int _loopsSeen;

    /// <summary>The domains that the host looks short names up in.</summary>
    public IReadOnlyList<byte[]> HostSearches => _routes.Host.Searches;

    public AnswerCache Cache => _cache;

    /// <summary>Changes which servers are asked.</summary>
    public void Configure(ClusterDnsSettings settings) => Configure(settings, HostResolver.Load(resolverConfiguration));

    /// <summary>Answers a question.</summary>
    public async ValueTask<Resolution> ResolveAsync(byte[] name, RecordType type, bool wantsDnssec, CancellationToken cancellationToken)
    {
        if (_cache.Find(name, type, wantsDnssec, out var age) is { } cached)
        {
            return age == 0 ? cached.Resolution : Aged(cached.Resolution, age);
        }
        if (type == RecordType.Hinfo && name.AsSpan().SequenceEqual(_loopName))
        {
            Interlocked.Increment(ref _loopsSeen);
            return new Resolution(ResponseCode.Refused);
        }
        var routes = _routes;
        var resolution = await routes.Find(name).AskAsync(name, type, wantsDnssec, cancellationToken);
        return _cache.Keep(name, type, wantsDnssec, resolution, routes.Settings.CacheSeconds);
    }

    /// <summary>Looks after the servers until cancelled: which of them answer, and which the host names now.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var read = LastWrite();
        await FindLoopsAsync(cancellationToken);
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var server in _routes.Servers)
            {
                if (!server.IsHealthy && !server.IsLooping)
                {
                    await server.AskAsync(WireName.Root, RecordType.Ns, wantsDnssec: false, cancellationToken);
                }
            }
            if (LastWrite() is var written && written != read)
            {
                read = written;
                Configure(_routes.Settings);
                await FindLoopsAsync(cancellationToken);
            }
        }
    }

    /// <summary>Asks each server for what only this server is asked for, and no longer asks those that come back with it.</summary>
    private async Task FindLoopsAsync(CancellationToken cancellationToken)
    {
        foreach (var server in _routes.Servers)
        {
            var before = Volatile.Read(ref _loopsSeen);
            await server.AskAsync(_loopName, RecordType.Hinfo, wantsDnssec: false, cancellationToken);
            if (Volatile.Read(ref _loopsSeen) != before)
            {
                server.IsLooping = true;
                LogLoop(server.Server);
            }
        }
    }

    private void Configure(ClusterDnsSettings settings, HostResolver host)
    {
        var known = _routes.Servers.ToDictionary(static server => server.Server);
        UpstreamGroup Group(byte[] domain, IEnumerable<IPEndPoint> servers) => new(
            domain, [.. servers.Where(server => !isOurs(server)).Select(server => known.GetValueOrDefault(server) ?? new Upstream(server, time))]);

        var groups = settings.StubDomains.Select(stub => Group(stub.Domain, stub.Servers))
            .Append(Group(WireName.Root, settings.UpstreamServers.Count > 0 ? settings.UpstreamServers : host.Servers))
            .OrderByDescending(static group => group.Domain.Length);
        _routes = new Routes(settings, host, [.. groups]);
        _cache.Clear();
    }

    private static Resolution Aged(Resolution resolution, uint age) => resolution with
    {
        Answers = Aged(resolution.Answers, age),
        Authorities = Aged(resolution.Authorities, age),
        Additionals = Aged(resolution.Additionals, age),
    };

    private static ResourceRecord[] Aged(IReadOnlyList<ResourceRecord> records, uint age) =>
        [.. records.Select(record => record with { Ttl = record.Ttl > age ? record.Ttl - age : 0 })];

    private DateTime LastWrite() => File.GetLastWriteTimeUtc(resolverConfiguration);

    [LoggerMessage(LogLevel.Error, "{Server} forwards its questions to this server: it is asked no longer")]
    private partial void LogLoop(IPEndPoint server);

    /// <summary>Who is asked for what, the longest domain first.</summary>
    private sealed record Routes(ClusterDnsSettings Settings, HostResolver Host, IReadOnlyList<UpstreamGroup> Groups)
    {
        public IReadOnlyList<Upstream> Servers { get; } = [.. Groups.SelectMany(static group => group.Servers).Distinct()];

        public UpstreamGroup Find(byte[] name) => Groups.First(group => WireName.IsWithin(name, group.Domain));
    }
}
