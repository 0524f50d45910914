namespace Kybernet.Client;

/// <summary>The indexes that every informer has.</summary>
public static class IndexNames
{
    /// <summary>Under the uid of each owner: what <see cref="ILister{T}.ByIndex"/> finds an owner's dependents by.</summary>
    public const string OwnerUid = "metadata.ownerReferences.uid";
}
