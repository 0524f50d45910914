namespace Kybernet.Network.Policies;

/// <summary>A port of a container.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Protocol">Its protocol, as nft spells it.</param>
/// <param name="Number">Its number.</param>
internal readonly record struct NamedPort(string Name, string Protocol, int Number);
