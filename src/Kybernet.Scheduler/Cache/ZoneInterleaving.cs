namespace Kybernet.Scheduler.Cache;

/// <summary>
/// The order in which nodes are looked at: one of each zone in turn, so that a search that ends early has seen all zones alike.
/// </summary>
internal static class ZoneInterleaving
{
    public static NodeInfo[] Order(IEnumerable<NodeInfo> rows)
    {
        var zones = new SortedDictionary<string, List<NodeInfo>>(StringComparer.Ordinal);
        var count = 0;
        foreach (var row in rows)
        {
            if (!row.IsKnown)
            {
                continue;
            }
            if (!zones.TryGetValue(row.Facts.Zone, out var zone))
            {
                zones[row.Facts.Zone] = zone = [];
            }
            zone.Add(row.Shadow!);
            count++;
        }
        var ordered = new NodeInfo[count];
        var next = 0;
        for (var round = 0; next < count; round++)
        {
            foreach (var zone in zones.Values)
            {
                if (round < zone.Count)
                {
                    ordered[next++] = zone[round];
                }
            }
        }
        return ordered;
    }
}
