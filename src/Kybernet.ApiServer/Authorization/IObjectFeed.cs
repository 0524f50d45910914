using Kybernet.Api;

namespace Kybernet.ApiServer.Authorization;

/// <summary>The objects of every resource as the server knows them at this moment: what authentication and authorisation look things up in.</summary>
public interface IObjectFeeds
{
    /// <summary>The objects of one resource.</summary>
    IObjectFeed Of(GroupResource resource);
}

/// <summary>The current objects of one resource, and word of their changes.</summary>
public interface IObjectFeed
{
    /// <summary>The object of that name as it is now; null where there is none. The namespace is empty for cluster-scoped objects.</summary>
    EncodedObject? Find(string @namespace, string name);

    /// <summary>
    /// Tells the observer of every current object, as if each had just been made, before it returns; then of every change, in order and one at a
    /// time, until the subscription is disposed.
    /// </summary>
    IDisposable Subscribe(IObjectObserver observer);
}

/// <summary>Hears of the changes of one resource's objects. Called on the path of a write's event: it must be quick, and must not call back.</summary>
public interface IObjectObserver
{
    /// <summary>The object was made or changed: this is what it is now.</summary>
    void OnChanged(EncodedObject item);

    /// <summary>The object is gone: this is what it last was.</summary>
    void OnDeleted(EncodedObject item);
}
