using System.Collections.Concurrent;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns.Zones;

/// <summary>
/// All names of the cluster, by their bytes: read by every question without a lock, written by one at a time. Objects own their entries and replace them
/// as a whole. A name exists as well while a name below it does.
/// </summary>
internal sealed class ClusterZone
{
    private readonly ConcurrentDictionary<byte[], ZoneNode> _nodes = new(WireNameComparer.Instance);
    private readonly ConcurrentDictionary<byte[], ZoneNode>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly Dictionary<byte[], int> _children = new(WireNameComparer.Instance);
    private readonly Dictionary<string, IReadOnlyList<ZoneEntry>> _owned = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <param name="origin">Where the cluster's names end, as in <c>cluster.local</c>.</param>
    /// <param name="ttl">For how many seconds negative answers may be kept.</param>
    public ClusterZone(byte[] origin, uint ttl)
    {
        Origin = origin;
        _lookup = _nodes.GetAlternateLookup<ReadOnlySpan<byte>>();
        Soa = ResourceRecord.Soa(origin, ttl, [2, .. "ns"u8, 3, .. "dns"u8, .. origin], [10, .. "hostmaster"u8, .. origin], serial: 1);
        Replace("", [new ZoneEntry(origin, [Soa])]);
    }

    public byte[] Origin { get; }

    /// <summary>The record that negative answers carry.</summary>
    public ResourceRecord Soa { get; }

    public ZoneNode? Find(ReadOnlySpan<byte> name) => _lookup.TryGetValue(name, out var node) ? node : null;

    /// <summary>Replaces what an owner has to say; nothing, and it is forgotten.</summary>
    public void Replace(string owner, IReadOnlyList<ZoneEntry> entries)
    {
        lock (_gate)
        {
            var previous = _owned.GetValueOrDefault(owner, []);
            if (entries.Count == 0)
            {
                _owned.Remove(owner);
            }
            else
            {
                _owned[owner] = entries;
            }
            // What is new comes before what is old goes: a name that stays is never missing in between.
            var kept = new HashSet<byte[]>(WireNameComparer.Instance);
            foreach (var entry in entries)
            {
                kept.Add(entry.Name);
                Put(owner, entry);
            }
            foreach (var entry in previous)
            {
                if (!kept.Contains(entry.Name))
                {
                    Remove(owner, entry.Name);
                }
            }
        }
    }

    /// <summary>The addresses of the names that SRV records lead to, which whoever asks for those asks for next.</summary>
    public IReadOnlyList<ResourceRecord> AddressesOfTargets(IReadOnlyList<ResourceRecord> records)
    {
        var found = new List<ResourceRecord>();
        var seen = new HashSet<byte[]>(WireNameComparer.Instance);
        var known = seen.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var record in records)
        {
            if (record.Type == RecordType.Srv && known.Add(record.Target) && Find(record.Target) is { } node)
            {
                found.AddRange(node.OfType(RecordType.A));
                found.AddRange(node.OfType(RecordType.Aaaa));
            }
        }
        return found;
    }

    private void Put(string owner, ZoneEntry entry)
    {
        if (_nodes.TryGetValue(entry.Name, out var node))
        {
            _nodes[entry.Name] = new ZoneNode(entry.Name, [.. node.Parts.Where(part => part.Owner != owner), (owner, entry)]);
            return;
        }
        EnsureParents(entry.Name);
        _nodes[entry.Name] = new ZoneNode(entry.Name, [(owner, entry)]);
    }

    /// <summary>Counts a new name at its parent, which begins to exist with its first child.</summary>
    private void EnsureParents(byte[] name)
    {
        while (name.Length > 1)
        {
            var parent = WireName.Parent(name).ToArray();
            _children[parent] = _children.GetValueOrDefault(parent) + 1;
            if (!_nodes.TryAdd(parent, new ZoneNode(parent, [])))
            {
                return;
            }
            name = parent;
        }
    }

    private void Remove(string owner, byte[] name)
    {
        var node = new ZoneNode(name, [.. _nodes[name].Parts.Where(part => part.Owner != owner)]);
        _nodes[name] = node;
        while (node.Parts.Count == 0 && !_children.ContainsKey(node.Name) && node.Name.Length > 1)
        {
            _nodes.TryRemove(node.Name, out _);
            var parent = WireName.Parent(node.Name).ToArray();
            var left = _children[parent] - 1;
            if (left > 0)
            {
                _children[parent] = left;
                return;
            }
            _children.Remove(parent);
            node = _nodes[parent];
        }
    }
}
