using Kybernet.Api;

namespace Kybernet.ApiServer.Rest.Conversion;

/// <summary>
/// Brings objects of any version of a resource into one of them, and that one into the stored one, where somebody else has to be asked to do so. What
/// is between reading and storing then sees the served version only.
/// </summary>
internal interface IRemoteConverter
{
    /// <summary>The objects in the served version; the same ones where they are in it already.</summary>
    /// <exception cref="Pipeline.ApiError">They cannot be converted.</exception>
    ValueTask<IReadOnlyList<EncodedObject>> ConvertAsync(IReadOnlyList<EncodedObject> items, CancellationToken cancellationToken);

    /// <summary>Whether an object is in the version that is stored now: the definition may have had another when it was written.</summary>
    bool IsStored(EncodedObject item);

    /// <summary>An object of the served version in the one that is stored.</summary>
    /// <exception cref="Pipeline.ApiError">It cannot be converted.</exception>
    ValueTask<EncodedObject> ToStorageAsync(EncodedObject item, CancellationToken cancellationToken);
}
