namespace Kybernet.Store.Sqlite.Repair;

/// <summary>What was found in a store's file.</summary>
/// <param name="Revision">The newest revision that can be read.</param>
/// <param name="Keys">How many keys there are at it.</param>
/// <param name="Problems">What is wrong, a line each; empty where nothing is.</param>
public sealed record StoreReport(long Revision, long Keys, IReadOnlyList<string> Problems);

/// <summary>What a repair came to.</summary>
/// <param name="Revision">The revision that the repaired store is at: so far on that no lost revision is used again.</param>
/// <param name="Keys">How many keys were saved.</param>
/// <param name="Lost">What was lost, a line each.</param>
/// <param name="DamagedFiles">Where the damaged files are now.</param>
public sealed record RepairReport(long Revision, long Keys, IReadOnlyList<string> Lost, string DamagedFiles);
