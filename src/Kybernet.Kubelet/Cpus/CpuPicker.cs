namespace Kybernet.Kubelet.Cpus;

/// <summary>
/// Picks processors that are close to one another: first whole packages, then whole cores, those of packages first that have fewest of them left, then
/// single ones, next to those that were picked already and where least is left, so that what is whole stays whole.
/// </summary>
internal static class CpuPicker
{
    /// <summary>Picks some of those that are free; null where there are not enough.</summary>
    public static CpuSet? Take(CpuTopology topology, CpuSet free, int count)
    {
        if (count > free.Count)
        {
            return null;
        }
        var left = topology.Cpus.Where(cpu => free.Contains(cpu.Id)).ToList();
        var taken = new List<Cpu>();
        TakeWhole(static cpu => (cpu.Socket, 0));
        TakeWhole(static cpu => (cpu.Socket, cpu.Core));
        while (taken.Count < count)
        {
            var next = left
                .OrderByDescending(cpu => taken.Count(other => other.Socket == cpu.Socket))
                .ThenBy(cpu => left.Count(other => other.Socket == cpu.Socket))
                .ThenBy(cpu => left.Count(other => (other.Socket, other.Core) == (cpu.Socket, cpu.Core)))
                .ThenBy(static cpu => cpu.Socket).ThenBy(static cpu => cpu.Core).ThenBy(static cpu => cpu.Id)
                .First();
            left.Remove(next);
            taken.Add(next);
        }
        return CpuSet.Of(taken.Select(static cpu => cpu.Id));

        void TakeWhole(Func<Cpu, (int Socket, int Core)> partOf)
        {
            var sizes = topology.Cpus.GroupBy(partOf).ToDictionary(static part => part.Key, static part => part.Count());
            var whole = left.GroupBy(partOf).Where(part => part.Count() == sizes[part.Key]).ToArray();
            foreach (var part in whole.OrderBy(part => whole.Count(other => other.Key.Socket == part.Key.Socket)).ThenBy(static part => part.Key))
            {
                var members = part.ToArray();
                if (taken.Count + members.Length <= count)
                {
                    taken.AddRange(members);
                    left.RemoveAll(members.Contains);
                }
            }
        }
    }
}
